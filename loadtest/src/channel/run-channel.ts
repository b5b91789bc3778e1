import type { ConversationId, Seq } from '@satchel/protocol'
import { readProcess } from '../bench/process-meter.ts'
import { delay } from '../chaos/deadlines.ts'
import type { Arrival } from './crowd.ts'
import { CrowdProcess } from './crowd-process.ts'
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

/** Leaves room for what a process has open besides. */
const FOLLOWERS_PER_PROCESS = 17_000
const SETTLE_DEADLINE_MS = 60_000
const POLL_MS = 500

/** A channel with many connected followers: how long a message takes to the last of them. */
export async function runChannel(options: ChannelOptions): Promise<ChannelResult> {
  const speaker = await openSpeaker({
    port: options.ports[0] ?? 0,
    tokenSecret: options.tokenSecret,
  })
  const crowds: CrowdProcess[] = []
  try {
    const rssBefore = rssOf(options)
    const startedMs = performance.now()
    for (const crowd of divide(options, speaker.conversationId)) crowds.push(crowd)
    await Promise.all(crowds.map((crowd) => crowd.gathered()))
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
    for (const crowd of crowds) crowd.end()
    speaker.close()
  }
}

function* divide(
  { followers, ports, tokenSecret }: ChannelOptions,
  conversationId: ConversationId,
): Generator<CrowdProcess> {
  const processes = Math.max(ports.length, Math.ceil(followers / FOLLOWERS_PER_PROCESS))
  for (let index = 0; index < processes; index++) {
    const firstUser = Math.floor((followers * index) / processes)
    const users = Math.floor((followers * (index + 1)) / processes) - firstUser
    const port = ports[index % ports.length] ?? 0
    const localAddress = `127.0.1.${index + 1}`
    yield new CrowdProcess({ firstUser, users, port, localAddress, tokenSecret, conversationId })
  }
}

async function measure(
  options: ChannelOptions,
  speaker: Speaker,
  crowds: readonly CrowdProcess[],
  messagesPerSecond: number,
): Promise<ChannelRow> {
  const { followers, seconds } = options
  const cpuBefore = cpuOf(options)
  const intended = await speaker.speak(messagesPerSecond, seconds)
  const arrivals = await settledArrivals(crowds, intended, followers)
  const cpuMs = cpuOf(options) - cpuBefore
  const delivered = arrivals.reduce((sum, arrival) => sum + arrival.followers, 0)
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
  crowds: readonly CrowdProcess[],
  intended: ReadonlyMap<Seq, number>,
  followers: number,
): Promise<readonly Arrival[]> {
  const endMs = performance.now() + SETTLE_DEADLINE_MS
  for (;;) {
    const reports = await Promise.all(crowds.map((crowd) => crowd.report()))
    const merged = merge(reports.flatMap(({ arrivals }) => arrivals)).filter(({ seq }) =>
      intended.has(seq),
    )
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
  return gatewayPids.reduce((sum, pid) => sum + readProcess(pid).cpuMs, 0)
}

function rssOf({ gatewayPids }: ChannelOptions): number {
  return gatewayPids.reduce((sum, pid) => sum + readProcess(pid).rssBytes, 0)
}

function at(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
  return Math.round(value * 10) / 10
}
