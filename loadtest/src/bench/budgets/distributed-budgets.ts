import type { BenchResult } from '../run-bench.ts'
import type { RowResult } from '../run-row.ts'
import { notMeasured, type Budget } from './budget.ts'
import { whatDelaysIt, whereTheCpuWent } from './row-reasons.ts'

const CPU_TIMES = 2
const P99_MS = 25

type PeerRows = BenchResult['rows']

/** The budgets of everything together on real servers, from a comparison with peers. */
export function distributedBudgets(rows: PeerRows | undefined, reason: string): readonly Budget[] {
  const workload = 'distributed, groups of 10, 1000/s'
  const cpu = {
    what: `${workload}: CPU per message, all counted`,
    bar: `≤ ${CPU_TIMES} × Socket.IO + Redis + stream`,
  }
  const delivery = { what: `${workload}: send → deliver`, bar: `p99 ≤ ${P99_MS} ms` }
  const results = Object.values(rows ?? {})[0] ?? []
  const ours = results.find(({ target }) => target === 'Satchel, distributed')
  const theirs = results.find(({ target }) => target === 'Socket.IO + Redis')
  if (ours === undefined || theirs === undefined)
    return [notMeasured(cpu, reason), notMeasured(delivery, reason)]
  return [cpuBudget(cpu, ours, theirs), deliveryBudget(delivery, ours)]
}

function cpuBudget(budget: Budget, ours: RowResult, theirs: RowResult): Budget {
  const [own, other] = [ours.cpuMicrosPerMessage, theirs.cpuMicrosPerMessage]
  const isMet = own <= CPU_TIMES * other
  const figure = `${(own / other).toFixed(2)} ×: ${own} and ${other} µs`
  return { ...budget, figure, isMet, ...(!isMet && { reason: whereTheCpuWent(ours) }) }
}

function deliveryBudget(budget: Budget, ours: RowResult): Budget {
  const isMet = ours.latencyMs.p99 <= P99_MS
  const figure = `p99 ${ours.latencyMs.p99} ms`
  return { ...budget, figure, isMet, ...(!isMet && { reason: whatDelaysIt(ours, []) }) }
}
