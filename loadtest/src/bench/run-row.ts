import { build, type Histogram } from 'hdr-histogram-js'
import type { BenchConnection, BenchTarget } from './bench-target.ts'
import { readMachineCpuMs, readProcess, type ProcessReading } from './process-meter.ts'

/** A steady load: so many messages a second, spread evenly over the users, each to their group. */
export interface Workload {
  readonly groupSize: number
  readonly messagesPerSecond: number
  readonly seconds: number
  /** Of other load before it: servers are measured as they are after a while, compiled and grown. */
  readonly warmUpSeconds: number
}

export interface RowResult {
  readonly target: string
  readonly sent: number
  readonly acknowledged: number
  readonly delivered: number
  /** What should have been delivered, warm-up left out. */
  readonly expected: number
  readonly failures: number
  readonly cpuMicrosPerMessage: number
  readonly cpuMicrosPerDelivery: number
  /** From the intended time of sending to delivery, in milliseconds. */
  readonly latencyMs: Readonly<Record<'p50' | 'p99' | 'p999' | 'max', number>>
  /** Share of one processor: the server, the generator, everything else on the machine. */
  readonly load: Readonly<Record<'server' | 'generator' | 'others', number>>
}

/** Where the connections of a target report to, whichever row is running. */
export class BenchRecorder {
  acknowledged = 0
  delivered = 0
  failures = 0
  firstFailure: string | undefined
  histogram: Histogram = newHistogram()
  #fromMs = Number.POSITIVE_INFINITY

  readonly listener = {
    delivered: (text: string): void => {
      const intendedMs = Number.parseFloat(text)
      if (intendedMs < this.#fromMs) return
      this.delivered++
      this.histogram.recordValue(Math.max(1, Math.round((performance.now() - intendedMs) * 1_000)))
    },
    acknowledged: (): void => {
      this.acknowledged++
    },
    failed: (reason: string): void => {
      this.failures++
      this.firstFailure ??= reason
    },
  }

  /** From here on it counts: what was to be sent before is warm-up. */
  begin(fromMs: number): void {
    this.acknowledged = 0
    this.delivered = 0
    this.failures = 0
    this.firstFailure = undefined
    this.histogram = newHistogram()
    this.#fromMs = fromMs
  }
}

const TEXT_BYTES = 100
const WARM_UP_GROUP_SIZE = 10
const WARM_UP_MESSAGES_PER_SECOND = 2_000
/** Then so much of the load itself. */
const RUN_UP_SECONDS = 1
const TICK_MS = 1
const DRAIN_DEADLINE_MS = 10_000

/** Runs one row of the table against one target whose users are connected. */
export async function runRow(
  target: BenchTarget,
  connections: readonly BenchConnection[],
  recorder: BenchRecorder,
  workload: Workload,
): Promise<RowResult> {
  const { groupSize, messagesPerSecond, seconds, warmUpSeconds } = workload
  const begin = (size: number): Promise<Send> => groupsReady(target, connections, size)
  recorder.begin(Number.POSITIVE_INFINITY)
  const warm = await begin(Math.min(WARM_UP_GROUP_SIZE, groupSize))
  const warmUp = await sendSteadily(WARM_UP_MESSAGES_PER_SECOND, warmUpSeconds, warm)
  await drained(() => recorder.acknowledged >= warmUp)
  const send = await begin(groupSize)
  const runUp = await sendSteadily(messagesPerSecond, RUN_UP_SECONDS, send)
  await drained(() => recorder.acknowledged >= warmUp + runUp)
  recorder.begin(performance.now())
  const before = { cpu: readServers(target).cpuMs, machine: readMachineCpuMs(), own: ownCpuMs() }
  const startedMs = performance.now()
  const sent = await sendSteadily(messagesPerSecond, seconds, send)
  const expected = sent * groupSize
  await drained(() => recorder.delivered >= expected && recorder.acknowledged >= sent)
  const elapsedMs = performance.now() - startedMs
  const cpuMs = readServers(target).cpuMs - before.cpu
  const ownMs = ownCpuMs() - before.own
  const othersMs = Math.max(0, readMachineCpuMs() - before.machine - cpuMs - ownMs)
  const { acknowledged, delivered, failures } = recorder
  return {
    target: target.name,
    sent,
    acknowledged,
    delivered,
    expected,
    failures,
    cpuMicrosPerMessage: round((cpuMs * 1_000) / sent),
    cpuMicrosPerDelivery: round((cpuMs * 1_000) / Math.max(1, delivered)),
    latencyMs: latencyOf(recorder.histogram),
    load: {
      server: round(cpuMs / elapsedMs),
      generator: round(ownMs / elapsedMs),
      others: round(othersMs / elapsedMs),
    },
  }
}

type Send = (index: number, intendedMs: number) => void

/** Groups of this size, and who sends the n-th message to which of them. */
async function groupsReady(
  target: BenchTarget,
  connections: readonly BenchConnection[],
  groupSize: number,
): Promise<Send> {
  await target.prepare(groupsOf(connections.length, groupSize))
  return (index, intendedMs) => {
    const user = index % connections.length
    connections[user]?.send(Math.floor(user / groupSize), textOf(intendedMs))
  }
}

/**
 * An open loop: message k is due at k / rate whether the server keeps up or not, and its latency is
 * counted from then.
 */
async function sendSteadily(
  messagesPerSecond: number,
  seconds: number,
  send: Send,
): Promise<number> {
  const startedMs = performance.now()
  const total = Math.floor(messagesPerSecond * seconds)
  for (let index = 0; index < total;) {
    const nowMs = performance.now()
    for (;;) {
      const intendedMs = startedMs + (index * 1_000) / messagesPerSecond
      if (index >= total || intendedMs > nowMs) break
      send(index++, intendedMs)
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  return total
}

async function drained(isDone: () => boolean): Promise<void> {
  const end = performance.now() + DRAIN_DEADLINE_MS
  while (!isDone() && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 20))
}

/** All processes of a target together. */
export function readServers({ name, servers }: BenchTarget): ProcessReading {
  const readings = servers.pids().map((pid) => readProcess(pid))
  if (readings.length === 0) throw new Error(`${name} is not running`)
  return {
    cpuMs: sumOf(readings.map(({ cpuMs }) => cpuMs)),
    rssBytes: sumOf(readings.map(({ rssBytes }) => rssBytes)),
    anonymousBytes: sumOf(readings.map(({ anonymousBytes }) => anonymousBytes)),
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function groupsOf(users: number, groupSize: number): readonly (readonly number[])[] {
  return Array.from({ length: Math.floor(users / groupSize) }, (_, group) =>
    Array.from({ length: groupSize }, (_unused, index) => group * groupSize + index),
  )
}

function textOf(intendedMs: number): string {
  return `${intendedMs.toFixed(3)} `.padEnd(TEXT_BYTES, 'x')
}

function ownCpuMs(): number {
  return readProcess('self').cpuMs
}

function newHistogram(): Histogram {
  return build({ highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: 3 })
}

function latencyOf(histogram: Histogram): RowResult['latencyMs'] {
  const at = (percentile: number): number =>
    round(histogram.getValueAtPercentile(percentile) / 1_000)
  return { p50: at(50), p99: at(99), p999: at(99.9), max: round(histogram.maxValue / 1_000) }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
