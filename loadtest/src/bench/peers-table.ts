import type { BenchResult } from './run-bench.ts'
import type { RowResult } from './run-row.ts'

const HEADINGS = ['CPU µs/message', 'of the first', 'p50 ms', 'p99 ms', 'delivered'] as const
const NAME_WIDTH = 24
const WIDTH = 16

/** Every target, all its processes together, and what its CPU is of the first one's. */
export function peersTable(rows: BenchResult['rows']): string {
  const lines = Object.entries(rows).flatMap(([name, results]) => [
    name,
    line('', HEADINGS),
    ...results.map((row) => line(row.target, cellsOf(row, results[0]))),
    '',
  ])
  return lines.join('\n')
}

function cellsOf(row: RowResult, first: RowResult | undefined): readonly string[] {
  const ratio = row.cpuMicrosPerMessage / (first?.cpuMicrosPerMessage ?? row.cpuMicrosPerMessage)
  return [
    String(row.cpuMicrosPerMessage),
    ratio.toFixed(2),
    String(row.latencyMs.p50),
    String(row.latencyMs.p99),
    `${row.delivered}/${row.expected}`,
  ]
}

function line(name: string, cells: readonly string[]): string {
  return `  ${name.padEnd(NAME_WIDTH)}${cells.map((cell) => cell.padStart(WIDTH)).join('')}`
}
