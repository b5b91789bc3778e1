import { delay } from '../chaos/deadlines.ts'
import { sumOf } from '../load/sum-of.ts'
import type { Arrival } from './arrivals.ts'

/** A channel with everybody who listens, whatever serves it. */
export interface Audience {
  readonly followers: number
  /** Speaks in an open loop; gives when each message was to be sent, in milliseconds since the epoch, by its number. */
  speak(messagesPerSecond: number, seconds: number): Promise<ReadonlyMap<number, number>>
  /** What has arrived so far, in each of the processes with followers. */
  report(): Promise<readonly Arrival[]>
  /** Processor time of the servers so far, of all together. */
  cpuMs(): number
}

export interface ChannelRow {
  readonly messagesPerSecond: number
  readonly sent: number
  readonly delivered: number
  readonly expected: number
  /** From the intended time of sending until the last follower had it. */
  readonly lastFollowerMs: Readonly<Record<'p50' | 'p99' | 'max', number>>
  /** Of all servers that followers are connected to. */
  readonly cpuMicrosPerDelivery: number
}

const SETTLE_DEADLINE_MS = 60_000
const POLL_MS = 500

/** How long messages take to the last follower, at one rate. */
export async function measureAudience(
  audience: Audience,
  messagesPerSecond: number,
  seconds: number,
): Promise<ChannelRow> {
  const { followers } = audience
  const cpuBefore = audience.cpuMs()
  const intended = await audience.speak(messagesPerSecond, seconds)
  const arrivals = await settledArrivals(audience, intended)
  const cpuMs = audience.cpuMs() - cpuBefore
  const delivered = sumOf(arrivals, (arrival) => arrival.followers)
  const latencies = arrivals
    .map(({ seq, lastMs }) => lastMs - (intended.get(seq) ?? lastMs))
    .sort((one, other) => one - other)
  return {
    messagesPerSecond,
    sent: intended.size,
    delivered,
    expected: intended.size * followers,
    lastFollowerMs: {
      p50: at(latencies, 0.5),
      p99: at(latencies, 0.99),
      max: at(latencies, 1),
    },
    cpuMicrosPerDelivery: Math.round((cpuMs * 100_000) / Math.max(1, delivered)) / 100,
  }
}

/** Of all crowds, once everybody has everything or the deadline has passed. */
async function settledArrivals(
  audience: Audience,
  intended: ReadonlyMap<number, number>,
): Promise<readonly Arrival[]> {
  const endMs = performance.now() + SETTLE_DEADLINE_MS
  for (;;) {
    const merged = merge(await audience.report()).filter(({ seq }) => intended.has(seq))
    const isComplete =
      merged.length === intended.size &&
      merged.every((arrival) => arrival.followers === audience.followers)
    if (isComplete || performance.now() > endMs) return merged
    await delay(POLL_MS)
  }
}

function merge(arrivals: readonly Arrival[]): readonly Arrival[] {
  const bySeq = new Map<number, Arrival>()
  for (const arrival of arrivals) {
    const known = bySeq.get(arrival.seq)
    bySeq.set(arrival.seq, {
      seq: arrival.seq,
      followers: arrival.followers + (known?.followers ?? 0),
      lastMs: Math.max(arrival.lastMs, known?.lastMs ?? 0),
    })
  }
  return [...bySeq.values()]
}

function at(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
  return Math.round(value * 10) / 10
}
