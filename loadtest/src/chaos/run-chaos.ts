import { createClientCodec, type UserId } from '@satchel/protocol'
import { join } from 'node:path'
import { checkRun, type CheckReport } from '../checker.ts'
import { signToken } from '../client/sign-token.ts'
import { Random } from '../random.ts'
import { catchUp } from './catch-up.ts'
import type { ChaosTarget } from './chaos-target.ts'
import { until } from './deadlines.ts'
import { MixedLoad } from './mixed-load.ts'
import { MemoryWatch, type MemoryUse } from './memory-watch.ts'
import { strikeAgainAndAgain } from './nemesis.ts'
import { createDevices, createGroups, createHttpSenders } from './population.ts'
import { readHistories } from './read-histories.ts'
import { readersOf } from './readers-of.ts'
import { saveJournals } from './save-journals.ts'
import { strikeSchedule, type Strike, type StrikeRhythm } from './strike-schedule.ts'

export interface ChaosOptions {
  readonly seed: number
  readonly durationMs: number
  readonly rhythm: StrikeRhythm
  readonly commandsPerSecond: number
  readonly users: number
  readonly groups: number
  /** Already started; hurt on the way. */
  readonly target: ChaosTarget
  /** Where the journals go. */
  readonly folder: string
  readonly tell: (line: string) => void
}

export interface ChaosResult {
  readonly report: CheckReport
  readonly strikes: readonly Strike[]
  /** How long those who were hit took to be back, strike by strike. */
  readonly strikeRecoveryMs: readonly number[]
  /** Of each process of ours. */
  readonly memoryMb: Readonly<Record<string, MemoryUse>>
  readonly asked: number
  readonly reconnects: number
  /** Readers who had not everything 4 s after the last answer, and had to ask. */
  readonly stragglers: number
  readonly folder: string
}

const CONNECT_DEADLINE_MS = 30_000

/** Mixed load on a product that is hurt again and again; in the end every promise is checked. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const random = new Random(options.seed)
  // Drawn first: the schedule is the seed's alone, whatever the load looks like.
  const { target, durationMs, rhythm } = options
  const strikes = strikeSchedule(random.fork(), durationMs, rhythm, target.choices)
  const now = (): number => performance.now()
  const population = { ...options, ...target, now }
  const devices = createDevices(population, random.fork())
  const senders = createHttpSenders(population, devices, random.fork())
  const load = new MixedLoad({ ...options, devices, random: random.fork(), now })
  const { folder, tell } = options
  const memory = new MemoryWatch(() => target.memoryBytes())
  try {
    for (const device of devices) device.start()
    await until('every device is connected', CONNECT_DEADLINE_MS, () =>
      devices.every(({ isConnected }) => isConnected),
    )
    createGroups(options.groups, devices, load, random.fork())
    load.start()
    for (const sender of senders) sender.start()
    const nemesis = { ...options, ...target, memory, now }
    const strikeRecoveryMs = await strikeAgainAndAgain(nemesis, strikes)
    load.stop()
    await Promise.all(senders.map((sender) => sender.stop()))
    await until('every command is answered', target.recoveryMs, () =>
      devices.every(({ unanswered }) => unanswered === 0),
    )
    tell(`${load.asked} commands asked for, all answered; reading the conversations`)
    const journals = [...devices, ...senders].map(({ journal }) => journal)
    const address = { host: '127.0.0.1', port: target.ports[0] ?? 0 }
    const tokenOf = (userId: UserId): string => signToken(target.tokenSecret, userId, Date.now())
    const codec = createClientCodec('msgpack')
    const histories = await readHistories({ codec, address, tokenOf }, readersOf(devices))
    const stragglers = await catchUp(devices, histories, now)
    await saveJournals(join(folder, 'journals'), journals, histories)
    return {
      report: checkRun(journals, histories),
      strikes,
      strikeRecoveryMs,
      memoryMb: memory.stop(),
      asked: load.asked,
      reconnects: devices.reduce((sum, { connects }) => sum + connects - 1, 0),
      stragglers,
      folder,
    }
  } finally {
    memory.stop()
    load.stop()
    for (const sender of senders) sender.abandon()
    for (const device of devices) device.stop()
  }
}
