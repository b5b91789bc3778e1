import type { DiskResult } from '../measure-disk.ts'
import type { RowResult } from '../run-row.ts'

/** Where a message's processor time went, and who else used the machine. */
export function whereTheCpuWent({ cpuParts, load }: RowResult): string {
  const parts = Object.entries(cpuParts).map(([part, micros]) => `${part} ${micros}`)
  return `of each message's, in µs: ${parts.join(', ')}; ${others(load.others)}`
}

/** What a latency cannot be below, and what delays it. */
export function whatDelaysIt({ load, latencyMs }: RowResult, disks: readonly DiskResult[]): string {
  const writes = disks.map(({ p50, p99 }) => `p50 ${p50} and p99 ${p99} ms`)
  const disk = writes.length === 0 ? '' : `a write to this disk took ${writes.join(', then ')}; `
  const used = `the server used ${load.server} of a processor, the generator ${load.generator}`
  return `p50 is ${latencyMs.p50} ms; ${disk}${used}; ${others(load.others)}`
}

function others(share: number): string {
  return `everything else on the machine used ${share} of a processor`
}
