import type { LatencySummary } from '../latencies.ts'
import { sumOf } from '../load/sum-of.ts'
import { runOpenLoop, type Act } from '../open-loop.ts'
import type { BenchRecorder } from './bench-recorder.ts'
import type { BenchConnection, BenchTarget } from './bench-target.ts'
import { partsPerMessage, readCpuParts } from './cpu-parts.ts'
import { groupsReady } from './groups-ready.ts'
import { readMachineCpuMs, readProcess, type ProcessReading } from './process-meter.ts'

/** A steady load: so many messages a second, spread evenly over the users, each to their group. */
export interface Workload {
  readonly groupSize: number
  readonly messagesPerSecond: number
  readonly seconds: number
  /** Of other load before it: servers are measured as they are after a while, compiled and grown. */
  readonly warmUpSeconds: number
  /** How much of it; 2,000 unless given. More than a target can do leaves it behind. */
  readonly warmUpMessagesPerSecond?: number | undefined
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
  /** CPU µs per message: of each kind of process, or of each kind of thread where there is one process. */
  readonly cpuParts: Readonly<Record<string, number>>
  /** From the intended time of sending to delivery, in milliseconds. */
  readonly latencyMs: LatencySummary
  /** Share of one processor: the server, the generator, everything else on the machine. */
  readonly load: Readonly<Record<'server' | 'generator' | 'others', number>>
}

const WARM_UP_GROUP_SIZE = 10
const WARM_UP_MESSAGES_PER_SECOND = 2_000
/** Then so much of the load itself. */
const RUN_UP_SECONDS = 1
const DRAIN_DEADLINE_MS = 10_000

/** Runs one row of the table against one target whose users are connected. */
export async function runRow(
  target: BenchTarget,
  connections: readonly BenchConnection[],
  recorder: BenchRecorder,
  workload: Workload,
): Promise<RowResult> {
  const { groupSize, messagesPerSecond, seconds, warmUpSeconds } = workload
  const warmUpRate = workload.warmUpMessagesPerSecond ?? WARM_UP_MESSAGES_PER_SECOND
  const begin = (size: number): Promise<Act> => groupsReady(target, connections, size)
  recorder.begin(Number.POSITIVE_INFINITY)
  const warm = await begin(Math.min(WARM_UP_GROUP_SIZE, groupSize))
  const warmUp = await runOpenLoop(warmUpRate, warmUpSeconds, warm)
  await drained(() => recorder.acknowledged >= warmUp)
  const send = await begin(groupSize)
  const runUp = await runOpenLoop(messagesPerSecond, RUN_UP_SECONDS, send)
  await drained(() => recorder.acknowledged >= warmUp + runUp)
  recorder.begin(performance.now())
  const before = { cpu: readServers(target).cpuMs, machine: readMachineCpuMs(), own: ownCpuMs() }
  const partsBefore = readCpuParts(target.servers.processes())
  const startedMs = performance.now()
  const sent = await runOpenLoop(messagesPerSecond, seconds, send)
  const expected = sent * groupSize
  await drained(() => recorder.delivered >= expected && recorder.acknowledged >= sent)
  const elapsedMs = performance.now() - startedMs
  const cpuMs = readServers(target).cpuMs - before.cpu
  const ownMs = ownCpuMs() - before.own
  const parts = readCpuParts(target.servers.processes())
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
    cpuParts: partsPerMessage(partsBefore, parts, sent),
    latencyMs: recorder.latencies.summary(),
    load: {
      server: round(cpuMs / elapsedMs),
      generator: round(ownMs / elapsedMs),
      others: round(othersMs / elapsedMs),
    },
  }
}

async function drained(isDone: () => boolean): Promise<void> {
  const end = performance.now() + DRAIN_DEADLINE_MS
  while (!isDone() && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 20))
}

/** All processes of a target together. */
export function readServers({ name, servers }: BenchTarget): ProcessReading {
  const readings = servers.processes().map(({ pid }) => readProcess(pid))
  if (readings.length === 0) throw new Error(`${name} is not running`)
  return {
    cpuMs: sumOf(readings, ({ cpuMs }) => cpuMs),
    kernelMs: sumOf(readings, ({ kernelMs }) => kernelMs),
    rssBytes: sumOf(readings, ({ rssBytes }) => rssBytes),
    anonymousBytes: sumOf(readings, ({ anonymousBytes }) => anonymousBytes),
  }
}

function ownCpuMs(): number {
  return readProcess('self').cpuMs
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
