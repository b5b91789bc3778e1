import { loadavg } from 'node:os'
import { readProcess, type NamedProcess } from '../bench/process-meter.ts'

/** What one process used of the machine since the meter began. */
export interface ProcessUse {
  readonly name: string
  readonly pid: number
  readonly cpuSeconds: number
  /** Now. */
  readonly rssMb: number
}

export interface ServerUse {
  readonly seconds: number
  /** Of all processes together; and what that is of one processor. */
  readonly cpuSeconds: number
  readonly cpuOfOne: number
  readonly processes: readonly ProcessUse[]
  /** Of the machine, over the last minute: others may use it as well. */
  readonly loadAverage: number
}

const BYTES_PER_MB = 1_048_576

/** Reads the processor time and the memory of servers, by pid. */
export class ServerMeter {
  readonly #list: () => readonly NamedProcess[]
  readonly #cpuMs = new Map<number, number>()
  #sinceMs = 0

  /** The processes as they are at each moment: a server that was started anew has another pid. */
  constructor(list: () => readonly NamedProcess[]) {
    this.#list = list
    this.begin()
  }

  /** What is used counts from here. */
  begin(): void {
    this.#sinceMs = performance.now()
    this.#cpuMs.clear()
    for (const { pid } of this.#list()) this.#cpuMs.set(pid, readProcess(pid).cpuMs)
  }

  read(): ServerUse {
    let cpuMs = 0
    const processes = this.#list().map(({ name, pid }) => {
      const reading = readProcess(pid)
      const usedMs = reading.cpuMs - (this.#cpuMs.get(pid) ?? 0)
      cpuMs += usedMs
      const rssMb = Math.round(reading.rssBytes / BYTES_PER_MB)
      return { name, pid, cpuSeconds: rounded(usedMs / 1_000), rssMb }
    })
    const seconds = (performance.now() - this.#sinceMs) / 1_000
    return {
      seconds: rounded(seconds),
      cpuSeconds: rounded(cpuMs / 1_000),
      cpuOfOne: rounded(cpuMs / 1_000 / seconds),
      processes,
      loadAverage: rounded(loadavg()[0] ?? 0),
    }
  }
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
