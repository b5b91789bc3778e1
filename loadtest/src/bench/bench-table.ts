import type { BenchResult } from './run-bench.ts'

/** The figures for a person to read: every target, and what Satchel is of the Socket.IO relay. */
export function benchTable({ rows, idle, disk }: BenchResult): string {
  const disks = disk.map(({ p50, p99 }) => `p50 ${p50}, p99 ${p99}`).join('; ')
  const lines = [`4 KB on disk, ms, before and after: ${disks}`]
  for (const [name, results] of Object.entries(rows)) {
    lines.push(
      '',
      name,
      columns(
        '',
        'CPU µs/message',
        'CPU µs/delivery',
        'p50 ms',
        'p99 ms',
        'delivered',
        'load: server, generator, others',
      ),
    )
    for (const row of results) {
      const { server, generator, others } = row.load
      lines.push(
        columns(
          row.target,
          String(row.cpuMicrosPerMessage),
          String(row.cpuMicrosPerDelivery),
          String(row.latencyMs.p50),
          String(row.latencyMs.p99),
          `${row.delivered}/${row.expected}`,
          `${server}, ${generator}, ${others}`,
        ),
      )
    }
    const [ours, theirs] = results
    if (ours !== undefined && theirs !== undefined)
      lines.push(
        `  CPU, Satchel / ${theirs.target}: ${ratio(ours.cpuMicrosPerMessage, theirs.cpuMicrosPerMessage)}`,
      )
  }
  if (idle.length > 0)
    lines.push('', 'idle sockets', columns('', 'RSS bytes', 'of it anonymous', 'sockets'))
  for (const { target, sockets, rssBytesPerSocket, anonymousBytesPerSocket } of idle)
    lines.push(
      columns(target, String(rssBytesPerSocket), String(anonymousBytesPerSocket), String(sockets)),
    )
  return `${lines.join('\n')}\n`
}

function columns(first: string, ...others: readonly string[]): string {
  return `  ${first.padEnd(18)}${others.map((text) => text.padStart(16)).join('')}`
}

function ratio(one: number, other: number): string {
  return (one / other).toFixed(2)
}
