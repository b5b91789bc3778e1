import { BenchRecorder } from './bench-recorder.ts'
import type { BenchConnection, BenchTarget } from './bench-target.ts'
import { connectUsers } from './connect-users.ts'
import {
  createBareRelay,
  createSatchel,
  createSocketIo,
  type TargetsOptions,
} from './create-targets.ts'
import { measureDisk, type DiskResult } from './measure-disk.ts'
import { readServers, runRow, type RowResult, type Workload } from './run-row.ts'

export interface BenchOptions extends TargetsOptions {
  readonly quick: boolean
  /** Only rows whose name contains it. */
  readonly only: string | undefined
}

/** Memory of sockets that say nothing. */
export interface IdleResult {
  readonly target: string
  readonly sockets: number
  readonly rssBytesPerSocket: number
  readonly anonymousBytesPerSocket: number
}

export interface BenchResult {
  readonly rows: Readonly<Record<string, readonly RowResult[]>>
  readonly idle: readonly IdleResult[]
  /** Before and after: others may have used the disk meanwhile. */
  readonly disk: readonly DiskResult[]
}

const USERS = 500
// The first make the server's heap as large as connecting makes it, whoever stays; the rest are counted.
const IDLE = { first: 2_000, counted: 12_000 }
const IDLE_QUICK = { first: 500, counted: 1_000 }
const SETTLE_MS = 2_000

export type CreateTarget = (options: TargetsOptions, row: string) => Promise<BenchTarget>
const TARGETS: readonly CreateTarget[] = [createSatchel, createSocketIo, createBareRelay]

/** The embedded rows of the budgets, against every target in turn. */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const { quick, only = '', tell } = options
  const seconds = quick ? 6 : 20
  const warmUpSeconds = quick ? 5 : 12
  const workloads: Readonly<Record<string, Workload>> = {
    'groups of 10, 3000/s': { groupSize: 10, messagesPerSecond: 3_000, seconds, warmUpSeconds },
    'groups of 250, 100/s': { groupSize: 250, messagesPerSecond: 100, seconds, warmUpSeconds },
    'groups of 10, 1000/s': { groupSize: 10, messagesPerSecond: 1_000, seconds, warmUpSeconds },
  }
  const before = await measureDisk(options.folder)
  const chosen = Object.entries(workloads).filter(([name]) => name.includes(only))
  const rows = await runRows(options, Object.fromEntries(chosen), TARGETS)
  const idle: IdleResult[] = []
  for (const create of 'idle'.includes(only) ? TARGETS : []) {
    const result = await measureIdle(await create(options, 'idle'), quick ? IDLE_QUICK : IDLE)
    tell(`idle: ${JSON.stringify(result)}`)
    idle.push(result)
  }
  return { rows, idle, disk: [before, await measureDisk(options.folder)] }
}

/** Every workload against every target in turn, each started anew. */
export async function runRows(
  options: TargetsOptions,
  workloads: Readonly<Record<string, Workload>>,
  targets: readonly CreateTarget[],
): Promise<BenchResult['rows']> {
  const rows: Record<string, readonly RowResult[]> = {}
  for (const [index, [name, workload]] of Object.entries(workloads).entries()) {
    const results: RowResult[] = []
    for (const create of targets) {
      const result = await measure(await create(options, String(index)), workload)
      options.tell(`${name}: ${JSON.stringify(result)}`)
      results.push(result)
    }
    rows[name] = results
  }
  return rows
}

async function measure(target: BenchTarget, workload: Workload): Promise<RowResult> {
  const recorder = new BenchRecorder()
  await target.servers.start()
  const connections = await connectUsers(target, recorder, 0, USERS)
  try {
    return await runRow(target, connections, recorder, workload)
  } finally {
    await close(target, connections)
  }
}

/** What a socket adds, behind the first ones. */
async function measureIdle(
  target: BenchTarget,
  { first: warmUp, counted: sockets }: typeof IDLE,
): Promise<IdleResult> {
  const recorder = new BenchRecorder()
  await target.servers.start()
  const first = await connectUsers(target, recorder, 0, warmUp)
  await settle()
  const before = readServers(target)
  const more = await connectUsers(target, recorder, warmUp, sockets)
  await settle()
  const after = readServers(target)
  await close(target, [...first, ...more])
  return {
    target: target.name,
    sockets,
    rssBytesPerSocket: Math.round((after.rssBytes - before.rssBytes) / sockets),
    anonymousBytesPerSocket: Math.round((after.anonymousBytes - before.anonymousBytes) / sockets),
  }
}

async function close(target: BenchTarget, connections: readonly BenchConnection[]): Promise<void> {
  for (const connection of connections) connection.close()
  await target.servers.stop()
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
}
