import { readFileSync } from 'node:fs'

/** The first child of a process, as the kernel lists it. */
export function firstChildOf(pid: number): number | undefined {
  const [first = ''] = read(`/proc/${String(pid)}/task/${String(pid)}/children`).split(' ')
  const child = Number.parseInt(first, 10)
  return Number.isSafeInteger(child) ? child : undefined
}

/** Memory of a process that is really there, in bytes; 0 where nothing can be learned. */
export function residentBytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${String(pid)}/status`))?.[1]
  return Number(kilobytes ?? 0) * 1_024
}

/** Empty for a process that is gone, and on machines that tell nothing of processes. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
