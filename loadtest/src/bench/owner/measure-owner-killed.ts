import { join } from 'node:path'
import { delay } from '../../chaos/deadlines.ts'
import { connectUsers } from '../connect-users.ts'
import { DistributedServers } from '../targets/distributed-servers.ts'
import { createSatchelTarget } from '../targets/satchel-target.ts'
import { StallWatch, type Stalls } from './stall-watch.ts'

export interface OwnerKilledOptions {
  /** For data and logs. */
  readonly folder: string
  readonly tell: (line: string) => void
}

/** The slowest message of each kind of conversation, in milliseconds; infinite when one did not come. */
export interface OwnerKilledResult {
  /** While nothing was done to anybody. */
  readonly calmMs: number
  /** Of the conversations of the chat-core that was killed, and how many these were. */
  readonly killedMs: number
  readonly killedConversations: number
  /** Of the others, meanwhile. */
  readonly othersMs: number
  readonly otherConversations: number
  /** Of all, while the other chat-core was asked to leave. */
  readonly handedOverMs: number
}

const GROUPS = 60
const GROUP_SIZE = 2
const PER_SECOND = 240
const WARM_UP_SECONDS = 45
/** Shorter than what a chat-core may be silent before others take what it has. */
const PAUSE_MS = 900
const PAUSE_SHOWS_MS = 450
const FIRST_MS = 1_000

/** What people feel when the owner of their conversation is killed, or asked to leave: on real servers, two chat-cores. */
export async function measureOwnerKilled(options: OwnerKilledOptions): Promise<OwnerKilledResult> {
  const { folder, tell } = options
  const servers = new DistributedServers({ folder: join(folder, 'owner'), log: tell })
  await servers.start()
  try {
    return await measure(servers, tell)
  } finally {
    await servers.stop()
  }
}

async function measure(
  servers: DistributedServers,
  tell: OwnerKilledOptions['tell'],
): Promise<OwnerKilledResult> {
  const watch = new StallWatch(GROUPS, GROUP_SIZE)
  const portOf = (user: number): number => servers.portOf(user)
  const reachable = { name: 'Satchel, distributed', servers, portOf }
  const target = createSatchelTarget(reachable, () => servers.tokenSecret)
  const connections = await connectUsers(target, watch, 0, GROUPS * GROUP_SIZE)
  await target.prepare(
    Array.from({ length: GROUPS }, (_, group) => [group * GROUP_SIZE, group * GROUP_SIZE + 1]),
  )
  const during = async (what: string, seconds: number, act?: () => Promise<void>) => {
    const stalls = await watch.during(connections, { perSecond: PER_SECOND, seconds }, act)
    const { longestMs, failures } = stalls
    tell(`${what}: the slowest took ${Math.max(...longestMs)} ms; ${failures} failures`)
    return stalls
  }
  const [one, other] = [
    servers.deployment.process('chat-core-1'),
    servers.deployment.process('chat-core-2'),
  ]
  await during('warm-up', WARM_UP_SECONDS)
  const calm = await during('calm', 5)
  const paused = await during('one chat-core stands still', 4, async () => {
    await delay(FIRST_MS)
    await one.pause()
    await delay(PAUSE_MS)
    one.resume()
  })
  // Whose conversations are whose is not told: those that waited are those of the one that stood still.
  const isOfKilled = paused.longestMs.map((ms) => ms > PAUSE_SHOWS_MS)
  const killed = await during('it is killed', 12, async () => {
    await delay(FIRST_MS)
    await one.kill()
  })
  await one.start()
  await during('it is back, and takes its part', 30)
  const handedOver = await during('the other is asked to leave', 8, async () => {
    await delay(FIRST_MS)
    await other.stop()
  })
  return {
    calmMs: longestOf(calm),
    killedMs: longestOf(killed, (group) => isOfKilled[group] === true),
    killedConversations: isOfKilled.filter(Boolean).length,
    othersMs: longestOf(killed, (group) => isOfKilled[group] !== true),
    otherConversations: isOfKilled.filter((is) => !is).length,
    handedOverMs: longestOf(handedOver),
  }
}

function longestOf({ longestMs }: Stalls, counts: (group: number) => boolean = () => true): number {
  return Math.max(0, ...longestMs.filter((_, group) => counts(group)))
}
