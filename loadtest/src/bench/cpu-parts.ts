import { readProcess, readThreads, type NamedProcess } from './process-meter.ts'

/** CPU milliseconds so far by kind of process; of one process alone by kind of thread. */
export function readCpuParts(processes: readonly NamedProcess[]): ReadonlyMap<string, number> {
  const [only, ...others] = processes
  if (only !== undefined && others.length === 0) return readThreads(only.pid)
  const parts = new Map<string, number>()
  for (const { name, pid } of processes) {
    const kind = name.replace(/-\d+$/, '')
    parts.set(kind, (parts.get(kind) ?? 0) + readProcess(pid).cpuMs)
  }
  return parts
}

/** What was used between two readings, in µs for each message; the largest first, nothing left out but what is nothing. */
export function partsPerMessage(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  messages: number,
): Readonly<Record<string, number>> {
  const used = [...after].map(([part, cpuMs]): [string, number] => {
    const micros = ((cpuMs - (before.get(part) ?? 0)) * 1_000) / Math.max(1, messages)
    return [part, Math.round(micros * 10) / 10]
  })
  const most = used.filter(([, micros]) => micros > 0).sort(([, one], [, other]) => other - one)
  return Object.fromEntries(most)
}
