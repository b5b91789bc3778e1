import { checkRun, type CheckReport } from '../../../loadtest/src/checker.ts'
import { traceOf } from '../../../loadtest/src/event-trace.ts'
import type { History, Journal } from '../../../loadtest/src/journal.ts'
import { opensHistory } from '../../src/domain/opens-history.ts'
import { stateFrom } from '../../src/domain/evolve.ts'
import type { Breakage } from './breakage.ts'
import { strike } from './nemesis.ts'
import { findReplayDifference } from './replay-log.ts'
import { SimulatedCluster } from './simulated-cluster.ts'
import type { SimulatedDevice } from './simulated-device.ts'
import type { SimulatedStore } from './simulated-store.ts'
import { World } from './world.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly breakage?: Breakage | undefined
  /** Instead of all that may go wrong, only this does: to the first chat-core, before its so-many-th effect. */
  readonly only?: { readonly what: 'crash' | 'pause'; readonly beforeEffect: number } | undefined
}

export interface SimulationResult {
  readonly seed: number
  /** What is wrong; nothing, of a run that keeps every promise. */
  readonly problems: readonly string[]
  readonly report: CheckReport
  /** Everything that happened, in words. */
  readonly trace: () => readonly string[]
}

const LOAD_MS = 12_000
const ACTIONS_PER_SECOND = 5
const STRIKES = 6
/** Long enough for heads to be announced for the last time, and for clients to send again. */
const QUIET_MS = 90_000
/** Long enough for heartbeats to end, and for others to take over. */
const STOPPED_MS = 6_000
const LAST_TAKEOVER_MS = 10_000

/** One cluster's life: load while things go wrong, then quiet, then the checker. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, breakage, only } = options
  const world = new World(seed)
  const cluster = new SimulatedCluster(world, breakage)
  scheduleLoad(cluster)
  if (only === undefined) scheduleStrikes(cluster)
  else strikeOnly(cluster, only)
  await world.run(() => false, LOAD_MS)
  world.note('world', 'calms down')
  cluster.heal()
  const { devices, servers } = cluster
  const isSettled = (): boolean =>
    servers.log.quietMs > 2_000 &&
    devices.every((device) => device.unanswered === 0 && !isBehind(device, servers.store))
  let hasSettled = await world.run(isSettled, LOAD_MS + QUIET_MS)
  const mayTakeUntilMs = world.nowMs + LAST_TAKEOVER_MS
  // What nobody waits for may still be undecided.
  while (hasSettled && world.nowMs < mayTakeUntilMs && findReplayDifference(servers).length > 0) {
    await world.run(() => false, world.nowMs + 500)
    hasSettled = await world.run(isSettled, LOAD_MS + 2 * QUIET_MS)
  }
  const histories = servers.store.conversationIds.map((id) => historyOf(servers.store, id))
  const report = checkRun(devices.map(checkable), histories)
  const problems = [...report.descriptions, ...world.violations]
  if (!hasSettled) problems.push(...whatIsOpen(cluster))
  else if (problems.length === 0) problems.push(...findReplayDifference(servers))
  return { seed, problems, report, trace: () => world.trace }
}

function scheduleLoad(cluster: SimulatedCluster): void {
  const { world, devices } = cluster
  const actions = (LOAD_MS / 1_000) * ACTIONS_PER_SECOND
  for (let action = 0; action < actions; action++) {
    // In bursts, so that windows fill and commands fold.
    const atMs = world.random.between(0, LOAD_MS)
    const device = world.random.pick(devices)
    if (device !== undefined && world.random.chance(0.05)) {
      world.after(atMs, () => cluster.createGroup(device))
      continue
    }
    const times = world.random.chance(0.1) ? world.random.between(5, 18) : 1
    world.after(atMs, () => {
      for (let time = 0; time < times; time++) device?.act()
    })
  }
}

/**
 * Where no conversation came about there is nothing to remember a refusal in: a second copy of what would
 * have made it may be decided by other settings, and is not part of the promise.
 */
function checkable({ journal }: SimulatedDevice): Journal {
  const { deviceId, userId, observations } = journal
  const commands = journal.commands.filter(
    ({ kind, answers }) =>
      kind !== 'create_conversation' || !answers.some((answer) => answer.kind === 'rejected'),
  )
  return { deviceId, userId, observations, commands }
}

function scheduleStrikes(cluster: SimulatedCluster): void {
  const { world } = cluster
  for (let index = 0; index < STRIKES; index++)
    world.after(world.random.between(200, LOAD_MS), () => strike(cluster))
}

function strikeOnly(
  cluster: SimulatedCluster,
  { what, beforeEffect }: NonNullable<SimulationOptions['only']>,
): void {
  cluster.servers.weather.clearUp()
  const [first] = cluster.chatCores
  if (first === undefined) return
  first.process.beforeCall = (calls) => {
    if (calls !== beforeEffect) return
    if (what === 'crash') cluster.crash(first)
    else cluster.pause(first.process, STOPPED_MS)
  }
}

/** Whether the device does not show all there is for its user. */
function isBehind({ userId, followers }: SimulatedDevice, store: SimulatedStore): boolean {
  return store.readInbox(userId).some(({ conversationId }) => {
    const head = store.readHead(conversationId)
    return head !== undefined && (followers.get(conversationId)?.last ?? 0) < head.seq
  })
}

function historyOf(store: SimulatedStore, conversationId: History['conversationId']): History {
  const stored = store.readConversation(conversationId)
  if (stored === undefined) throw new Error(`${conversationId} is not stored`)
  const { head, details } = stateFrom(conversationId, stored.rows)
  const { seq, ordinal } = head
  const events = store.readTimeline(conversationId, { after: 0, upTo: seq, limit: seq })
  return {
    conversationId,
    head: { seq, ordinal },
    events: events.map(traceOf),
    isOpen: opensHistory(head, details),
  }
}

function whatIsOpen({ devices, servers }: SimulatedCluster): readonly string[] {
  return devices.flatMap((device) => {
    const { deviceId, unanswered } = device
    const open = unanswered > 0 ? [`${deviceId} waits for ${unanswered} answers`] : []
    return isBehind(device, servers.store) ? [...open, `${deviceId} never learns the rest`] : open
  })
}
