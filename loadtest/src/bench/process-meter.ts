import { readFileSync } from 'node:fs'

// Linux's USER_HZ: what /proc counts CPU time in, whatever the kernel's own tick is.
const TICKS_PER_SECOND = 100

/** What Linux says about one process. */
export interface ProcessReading {
  /** User and system time of all threads so far. */
  readonly cpuMs: number
  readonly rssBytes: number
  /** Of these, what is not backed by a file (a mapped database is). */
  readonly anonymousBytes: number
}

export function readProcess(pid: number | 'self'): ProcessReading {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name, in parentheses, may contain anything; the state is the first field behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    cpuMs: (ticks / TICKS_PER_SECOND) * 1_000,
    rssBytes: kilobytesOf(status, 'VmRSS') * 1_024,
    anonymousBytes: kilobytesOf(status, 'RssAnon') * 1_024,
  }
}

/** CPU time the whole machine has used so far, of all its processors together. */
export function readMachineCpuMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return ((user + nice + system + irq + softIrq) / TICKS_PER_SECOND) * 1_000
}

function kilobytesOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
}
