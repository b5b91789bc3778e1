import type { BenchResult } from '../run-bench.ts'
import type { RowResult } from '../run-row.ts'
import { notMeasured, type Budget } from './budget.ts'
import { whatDelaysIt, whereTheCpuWent } from './row-reasons.ts'

/** As rows of the bench are called. */
const SMALL_GROUPS = 'groups of 10, 3000/s'
const LARGE_GROUPS = 'groups of 250, 100/s'
const SLOWER = 'groups of 10, 1000/s'

const DELIVERY_PART = 0.5
const P99_MS = 5
const IDLE_BYTES = 6 * 1_024

/** The budgets of one process alone. */
export function embeddedBudgets(result: BenchResult | undefined): readonly Budget[] {
  return [
    cpuPerMessage(result?.rows[SMALL_GROUPS]),
    cpuPerDelivery(result?.rows[LARGE_GROUPS]),
    sendToDeliver(result?.rows[SLOWER], result?.disk ?? []),
    idleSocket(result?.idle ?? []),
  ]
}

function cpuPerMessage([ours, relay, floor]: readonly RowResult[] = []): Budget {
  const budget = {
    what: `one process, ${SMALL_GROUPS}: CPU per message`,
    bar: "below Socket.IO's that stores nothing",
  }
  if (ours === undefined || relay === undefined) return notMeasured(budget, 'it was left out')
  const [own, other] = [ours.cpuMicrosPerMessage, relay.cpuMicrosPerMessage]
  const isMet = own < other
  const figure = `${own} µs; ${relay.target} ${other}; floor ${floor?.cpuMicrosPerMessage ?? '?'}`
  return { ...budget, figure, isMet, ...(!isMet && { reason: whereTheCpuWent(ours) }) }
}

function cpuPerDelivery([ours, relay, floor]: readonly RowResult[] = []): Budget {
  const budget = {
    what: `one process, ${LARGE_GROUPS}: CPU per delivery`,
    bar: `≤ ${DELIVERY_PART} × Socket.IO's`,
  }
  if (ours === undefined || relay === undefined) return notMeasured(budget, 'it was left out')
  const [own, other] = [ours.cpuMicrosPerDelivery, relay.cpuMicrosPerDelivery]
  const isMet = own <= DELIVERY_PART * other
  const ratio = `${(own / other).toFixed(2)} ×`
  const figure = `${ratio}: ${own} and ${other} µs; floor ${floor?.cpuMicrosPerDelivery ?? '?'}`
  return { ...budget, figure, isMet, ...(!isMet && { reason: whereTheCpuWent(ours) }) }
}

function sendToDeliver([ours]: readonly RowResult[] = [], disk: BenchResult['disk'] = []): Budget {
  const budget = { what: `one process, ${SLOWER}: send → deliver`, bar: `p99 ≤ ${P99_MS} ms` }
  if (ours === undefined) return notMeasured(budget, 'it was left out')
  const isMet = ours.latencyMs.p99 <= P99_MS
  const figure = `p99 ${ours.latencyMs.p99} ms`
  return { ...budget, figure, isMet, ...(!isMet && { reason: whatDelaysIt(ours, disk) }) }
}

function idleSocket([ours, relay]: BenchResult['idle']): Budget {
  const budget = { what: 'an idle socket: RSS', bar: '≤ 6 KB' }
  if (ours === undefined) return notMeasured(budget, 'it was left out')
  const isMet = ours.rssBytesPerSocket <= IDLE_BYTES
  const theirs =
    relay === undefined ? '' : `; ${relay.target} ${kilobytes(relay.rssBytesPerSocket)}`
  const figure = `${kilobytes(ours.rssBytesPerSocket)} KB over ${ours.sockets}${theirs}`
  const anonymous = `${kilobytes(ours.anonymousBytesPerSocket)} KB of it are not backed by a file`
  return { ...budget, figure, isMet, ...(!isMet && { reason: anonymous }) }
}

function kilobytes(bytes: number): string {
  return (bytes / 1_024).toFixed(1)
}
