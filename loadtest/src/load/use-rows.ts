import type { LoadRow } from './scenario.ts'
import type { ServerUse } from './server-meter.ts'

/** Who used what of the machine: for the end of a table. */
export function useRows(use: ServerUse): readonly LoadRow[] {
  return use.processes.map(({ name, pid, cpuSeconds, rssMb }) => ({
    what: `  ${name}`,
    values: { pid, cpuSeconds, rssMb },
  }))
}
