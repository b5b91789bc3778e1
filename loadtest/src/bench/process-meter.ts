import { readdirSync, readFileSync } from 'node:fs'

// Linux's USER_HZ: what /proc counts CPU time in, whatever the kernel's own tick is.
const TICKS_PER_SECOND = 100

export interface NamedProcess {
  readonly name: string
  readonly pid: number
  /** Of processes of ours. */
  readonly metricsUrl?: string | undefined
}

/** What Linux says about one process. */
export interface ProcessReading {
  /** User and system time of all threads so far. */
  readonly cpuMs: number
  /** What the kernel did of it. */
  readonly kernelMs: number
  readonly rssBytes: number
  /** Of these, what is not backed by a file (a mapped database is). */
  readonly anonymousBytes: number
}

export function readProcess(pid: number | 'self'): ProcessReading {
  const fields = readStat(pid)
  const [userTicks, kernelTicks] = [Number(fields[11]), Number(fields[12])]
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    cpuMs: msOf(userTicks + kernelTicks),
    kernelMs: msOf(kernelTicks),
    rssBytes: kilobytesOf(status, 'VmRSS') * 1_024,
    anonymousBytes: kilobytesOf(status, 'RssAnon') * 1_024,
  }
}

/** A process with all that it started, and their CPU time after they have ended as well. */
export function readProcessTree(root: number): ProcessReading {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (Number.isInteger(pid)) ignoreGone(() => parents.set(pid, Number(readStat(pid)[1])))
  }
  const sum = { cpuMs: 0, kernelMs: 0, rssBytes: 0, anonymousBytes: 0 }
  for (const pid of [root, ...[...parents.keys()].filter(isBelow)]) {
    ignoreGone(() => {
      const { cpuMs, kernelMs, rssBytes, anonymousBytes } = readProcess(pid)
      const fields = readStat(pid)
      const [endedUserTicks, endedKernelTicks] = [Number(fields[13]), Number(fields[14])]
      sum.cpuMs += cpuMs + msOf(endedUserTicks + endedKernelTicks)
      sum.kernelMs += kernelMs + msOf(endedKernelTicks)
      sum.rssBytes += rssBytes
      sum.anonymousBytes += anonymousBytes
    })
  }
  return sum

  function isBelow(pid: number): boolean {
    if (pid === root) return false
    for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at)) {
      if (at === root) return true
    }
    return false
  }
}

/** CPU time so far of a process's threads, by what they do. */
export function readThreads(pid: number): ReadonlyMap<string, number> {
  const threads = new Map<string, number>()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    ignoreGone(() => {
      const fields = readStat(`${pid}/task/${thread}`)
      const name = Number(thread) === pid ? 'main thread' : threadName(pid, thread)
      const cpuMs = ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000
      threads.set(name, (threads.get(name) ?? 0) + cpuMs)
    })
  }
  return threads
}

/** Threads that V8 starts, for collecting garbage and compiling, have the name of the program. */
function threadName(pid: number, thread: string): string {
  const name = readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').trim()
  return name === 'node' ? 'V8 threads' : name
}

function readStat(pid: number | string): readonly string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name, in parentheses, may contain anything; the state is the first field behind it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** Processes end while they are looked at. */
function ignoreGone(read: () => void): void {
  try {
    read()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error
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

function msOf(ticks: number): number {
  return (ticks / TICKS_PER_SECOND) * 1_000
}
