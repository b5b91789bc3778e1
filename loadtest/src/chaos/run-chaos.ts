import {
  createClientCodec,
  parseUserId,
  type ConversationId,
  type Seq,
  type UserId,
} from '@satchel/protocol'
import { join } from 'node:path'
import { checkRun, type CheckReport } from '../checker.ts'
import { staysOf } from '../checks/check-reader.ts'
import { LoadDevice } from '../client/load-device.ts'
import { signToken } from '../client/sign-token.ts'
import type { History, Journal } from '../journal.ts'
import { Random } from '../random.ts'
import type { ServerProcess } from '../server-process.ts'
import { killSchedule, type Kill, type KillRhythm } from './kill-schedule.ts'
import { MixedLoad } from './mixed-load.ts'
import { readHistories } from './read-histories.ts'
import { saveJournals } from './save-journals.ts'

export interface ChaosOptions {
  readonly seed: number
  readonly durationMs: number
  readonly rhythm: KillRhythm
  readonly commandsPerSecond: number
  readonly users: number
  readonly groups: number
  /** Already started; killed and started again on the way. */
  readonly server: ServerProcess
  readonly port: number
  readonly tokenSecret: string
  /** Where the journals go. */
  readonly folder: string
  readonly tell: (line: string) => void
}

export interface ChaosResult {
  readonly report: CheckReport
  readonly kills: readonly Kill[]
  /** How long the server took to be back, kill by kill. */
  readonly restartMs: readonly number[]
  readonly asked: number
  readonly reconnects: number
  /** Readers who had not everything 4 s after the last answer, and had to ask. */
  readonly stragglers: number
  readonly folder: string
}

const MAX_DEVICES_PER_USER = 3
const GROUP_MEMBERS = 6
const CONNECT_DEADLINE_MS = 30_000
const ANSWER_DEADLINE_MS = 60_000
const QUIET_MS = 4_000
const CATCH_UP_DEADLINE_MS = 30_000
const POLL_MS = 50

/** Mixed load on a server that is killed again and again; in the end every promise is checked. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const random = new Random(options.seed)
  // Drawn first: the schedule is the seed's alone, whatever the load looks like.
  const kills = killSchedule(random.fork(), options.durationMs, options.rhythm)
  const now = (): number => performance.now()
  const codec = createClientCodec('msgpack')
  const devices = createDevices(options, random.fork(), now)
  const load = new MixedLoad({ ...options, devices, random: random.fork(), now })
  const { folder, tell } = options
  try {
    for (const device of devices) device.start()
    await until('every device is connected', CONNECT_DEADLINE_MS, () =>
      devices.every(({ isConnected }) => isConnected),
    )
    createGroups(options, devices, load, random.fork())
    load.start()
    const restartMs = await killAgainAndAgain(options, kills, now)
    load.stop()
    await until('every command is answered', ANSWER_DEADLINE_MS, () =>
      devices.every(({ unanswered }) => unanswered === 0),
    )
    tell(`${load.asked} commands asked for, all answered; reading the conversations`)
    const journals = devices.map(({ journal }) => journal)
    const address = { host: '127.0.0.1', port: options.port }
    const tokenOf = (userId: UserId): string => signToken(options.tokenSecret, userId, Date.now())
    const histories = await readHistories({ codec, address, tokenOf }, readersOf(devices))
    const stragglers = await catchUp(devices, histories, now)
    await saveJournals(join(folder, 'journals'), journals, histories)
    return {
      report: checkRun(journals, histories),
      kills,
      restartMs,
      asked: load.asked,
      reconnects: devices.reduce((sum, { connects }) => sum + connects - 1, 0),
      stragglers,
      folder,
    }
  } finally {
    load.stop()
    for (const device of devices) device.stop()
  }
}

function createDevices(
  { users, port, tokenSecret }: ChaosOptions,
  random: Random,
  now: () => number,
): readonly LoadDevice[] {
  const codec = createClientCodec('msgpack')
  return Array.from({ length: users }, (_, index) => index).flatMap((index) => {
    const userId = parseUserId(`user-${index}`)
    if (userId === undefined) return []
    const token = signToken(tokenSecret, userId, Date.now())
    const localAddress = `127.0.0.${2 + (index % 200)}`
    return Array.from({ length: random.between(1, MAX_DEVICES_PER_USER) }, (_unused, device) => {
      const deviceId = `${userId}-device-${device}`
      const address = { host: '127.0.0.1', port, localAddress }
      return new LoadDevice({ deviceId, userId, token, address, codec, random: random.fork(), now })
    })
  })
}

function createGroups(
  { groups }: ChaosOptions,
  devices: readonly LoadDevice[],
  load: MixedLoad,
  random: Random,
): void {
  for (let index = 0; index < groups; index++) {
    const creator = random.pick(devices)
    const members = Array.from({ length: GROUP_MEMBERS }, () => random.pick(devices)?.userId)
    if (creator === undefined) return
    load.createGroup(creator, [...new Set(members.filter((userId) => userId !== undefined))])
  }
}

async function killAgainAndAgain(
  { server, durationMs, tell }: ChaosOptions,
  kills: readonly Kill[],
  now: () => number,
): Promise<readonly number[]> {
  const startedMs = now()
  const restartMs: number[] = []
  for (const { atMs, downMs } of kills) {
    await delay(startedMs + atMs - now())
    await server.kill('SIGKILL')
    await delay(downMs)
    const beginMs = now()
    await server.start()
    restartMs.push(Math.round(now() - beginMs))
    tell(`killed at ${(atMs / 1_000).toFixed(1)} s, back after ${restartMs.at(-1) ?? 0} ms`)
  }
  await delay(startedMs + durationMs - now())
  return restartMs
}

/** Who reads which conversation in the end: its creator, who never leaves. */
function readersOf(devices: readonly LoadDevice[]): ReadonlyMap<ConversationId, UserId> {
  const readers = new Map<ConversationId, UserId>()
  for (const { followers, userId, journal } of devices) {
    for (const [conversationId, { creatorId }] of followers) {
      if (creatorId !== undefined) readers.set(conversationId, creatorId)
    }
    // Should nobody ever have heard of a conversation, whoever made it can still read it.
    for (const { kind, conversationId, answers } of journal.commands) {
      const isMade = kind === 'create_conversation' && answers.some((one) => one.kind === 'applied')
      if (isMade && !readers.has(conversationId)) readers.set(conversationId, userId)
    }
  }
  return readers
}

/** Waits for everybody to have everything. Gives the number of readers who had to ask for it. */
async function catchUp(
  devices: readonly LoadDevice[],
  histories: readonly History[],
  now: () => number,
): Promise<number> {
  const wanted = devices.map((device) => ({ device, heads: headsOf(device.journal, histories) }))
  const quietEnd = now() + QUIET_MS
  const behind = () =>
    wanted.filter(({ device, heads }) =>
      [...heads].some(([id, seq]) => (device.followers.get(id)?.last ?? 0) < seq),
    )
  while (now() < quietEnd && behind().length > 0) await delay(POLL_MS)
  const stragglers = behind().length
  const end = now() + CATCH_UP_DEADLINE_MS
  while (now() < end) {
    if (behind().every(({ device, heads }) => device.catchUp(heads))) break
    await delay(500)
  }
  return stragglers
}

function headsOf(
  journal: Journal,
  histories: readonly History[],
): ReadonlyMap<ConversationId, Seq> {
  const heads = new Map<ConversationId, Seq>()
  for (const history of histories) {
    const stay = staysOf(history, journal.userId).at(-1)
    if (stay !== undefined && stay.end === undefined)
      heads.set(history.conversationId, history.head.seq)
  }
  return heads
}

async function until(what: string, deadlineMs: number, check: () => boolean): Promise<void> {
  const end = performance.now() + deadlineMs
  while (!check()) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await delay(POLL_MS)
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
