import type { Seq } from '@satchel/protocol'
import { readProcess } from '../bench/process-meter.ts'
import { delay } from '../chaos/deadlines.ts'
import { dividePeople } from '../load/divide-people.ts'
import { LoadFleet } from '../load/load-fleet.ts'
import { sumOf } from '../load/sum-of.ts'
import type { Arrival } from './crowd.ts'
import { openSpeaker, type Speaker } from './speaker.ts'

export interface ChannelOptions {
  /** Of the gateways, among whom followers are divided. */
  readonly ports: readonly number[]
  readonly gatewayPids: readonly number[]
  readonly tokenSecret: string
  readonly followers: number
  /** One rate after the other, each for so long. */
  readonly messagesPerSecond: readonly number[]
  readonly seconds: number
  readonly tell: (line: string) => void
}

export interface ChannelRow {
  readonly messagesPerSecond: number
  readonly sent: number
  readonly delivered: number
  readonly expected: number
  /** From the intended time of sending until the last follower had it. */
  readonly lastFollowerMs: Readonly<Record<'p50' | 'p99' | 'max', number>>
  /** Of all gateways together. */
  readonly cpuMicrosPerDelivery: number
}

export interface ChannelResult {
  readonly followers: number
  readonly gatheredMs: number
  readonly gatewayRssBytesPerSocket: number
  readonly rows: readonly ChannelRow[]
}

type Crowds = LoadFleet<'crowd'>

const SETTLE_DEADLINE_MS = 60_000
const POLL_MS = 500

/** A channel with many connected followers: how long a message takes to the last of them. */
export async function runChannel(options: ChannelOptions): Promise<ChannelResult> {
  const speaker = await openSpeaker({
    port: options.ports[0] ?? 0,
    tokenSecret: options.tokenSecret,
  })
  const { conversationId } = speaker
  const people = { ...options, users: options.followers, processes: options.ports.length }
  const shares = dividePeople(people)
  const crowds = new LoadFleet(
    'crowd',
    shares.map((share) => ({ ...share, conversationId })),
  )
  try {
    const rssBefore = rssOf(options)
    const startedMs = performance.now()
    await crowds.askAll('gather')
    const gatheredMs = Math.round(performance.now() - startedMs)
    options.tell(`${options.followers} followers after ${gatheredMs} ms`)
    const gatewayRssBytesPerSocket = Math.round((rssOf(options) - rssBefore) / options.followers)
    const rows: ChannelRow[] = []
    for (const rate of options.messagesPerSecond) {
      const row = await measure(options, speaker, crowds, rate)
      options.tell(JSON.stringify(row))
      rows.push(row)
    }
    return { followers: options.followers, gatheredMs, gatewayRssBytesPerSocket, rows }
  } finally {
    crowds.end()
    speaker.close()
  }
}

async function measure(
  options: ChannelOptions,
  speaker: Speaker,
  crowds: Crowds,
  messagesPerSecond: number,
): Promise<ChannelRow> {
  const { followers, seconds } = options
  const cpuBefore = cpuOf(options)
  const intended = await speaker.speak(messagesPerSecond, seconds)
  const arrivals = await settledArrivals(crowds, intended, followers)
  const cpuMs = cpuOf(options) - cpuBefore
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
  crowds: Crowds,
  intended: ReadonlyMap<Seq, number>,
  followers: number,
): Promise<readonly Arrival[]> {
  const endMs = performance.now() + SETTLE_DEADLINE_MS
  for (;;) {
    const reports = await crowds.askAll('report')
    const merged = merge(reports.flat()).filter(({ seq }) => intended.has(seq))
    const isComplete =
      merged.length === intended.size && merged.every((arrival) => arrival.followers === followers)
    if (isComplete || performance.now() > endMs) return merged
    await delay(POLL_MS)
  }
}

function merge(arrivals: readonly Arrival[]): readonly Arrival[] {
  const bySeq = new Map<Seq, Arrival>()
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

function cpuOf({ gatewayPids }: ChannelOptions): number {
  return sumOf(gatewayPids, (pid) => readProcess(pid).cpuMs)
}

function rssOf({ gatewayPids }: ChannelOptions): number {
  return sumOf(gatewayPids, (pid) => readProcess(pid).rssBytes)
}

function at(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
  return Math.round(value * 10) / 10
}
