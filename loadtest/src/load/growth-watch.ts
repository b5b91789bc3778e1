import { readdirSync } from 'node:fs'
import { readProcess } from '../bench/process-meter.ts'
import { folderBytes } from './folder-bytes.ts'
import type { LoadTarget } from './load-target.ts'

const BYTES_PER_MB = 1_048_576
// A soak of hours goes on when the machine is busy for a while.
const METRICS_TIMEOUT_MS = 60_000
const HEAP = /^nodejs_heap_size_used_bytes (\S+)$/m

/** Looks again and again at what must not grow for ever: memory, heap, open files, folders. */
export class GrowthWatch {
  readonly #target: LoadTarget
  /** One value for each look; names end with their unit. */
  readonly #series = new Map<string, number[]>()

  constructor(target: LoadTarget) {
    this.#target = target
  }

  get series(): ReadonlyMap<string, readonly number[]> {
    return this.#series
  }

  /** Gives the values, for people. */
  async look(): Promise<string> {
    const seen: string[] = []
    const note = (name: string, value: number): void => {
      const values = this.#series.get(name) ?? []
      this.#series.set(name, [...values, value])
      seen.push(`${name} ${value}`)
    }
    for (const { name, pid, metricsUrl } of this.#target.servers()) {
      note(`${name} rssMb`, megabytes(readProcess(pid).rssBytes))
      if (metricsUrl !== undefined) note(`${name} heapMb`, megabytes(await readHeap(metricsUrl)))
      note(`${name} files`, readdirSync(`/proc/${pid}/fd`).length)
    }
    for (const [name, folders] of Object.entries(this.#target.folders)) {
      const sizes = await Promise.all(folders.map((folder) => folderBytes(folder)))
      note(`${name} folderMb`, megabytes(sizes.reduce((sum, size) => sum + size, 0)))
    }
    return seen.join(', ')
  }
}

async function readHeap(metricsUrl: string): Promise<number> {
  const answer = await fetch(metricsUrl, { signal: AbortSignal.timeout(METRICS_TIMEOUT_MS) })
  return Number(HEAP.exec(await answer.text())?.[1] ?? 0)
}

function megabytes(bytes: number): number {
  return Math.round((bytes / BYTES_PER_MB) * 10) / 10
}
