import type { Cells, EmbeddedDatabases } from './embedded-store.ts'

/** Stages writes; what it throws rejects its own write and leaves the others' alone. */
export type Stage = (transaction: StoreTransaction) => void

interface StagedWrite {
  readonly cells: Cells
  readonly key: Buffer
  /** `undefined` removes. */
  readonly value: Buffer | undefined
}

// Job ids grow over restarts without being read back: the generation, then 32 bits of count.
const JOBS_PER_GENERATION = 2 ** 32

/** The writes of one LMDB transaction while it is put together. */
export class StoreTransaction {
  readonly databases: EmbeddedDatabases
  readonly #generation: number
  readonly #writes: StagedWrite[] = []
  #bytes = 0
  #jobCount: number
  readonly #jobsBefore: number

  constructor(databases: EmbeddedDatabases, generation: number, jobCount: number) {
    this.databases = databases
    this.#generation = generation
    this.#jobCount = jobCount
    this.#jobsBefore = jobCount
  }

  get size(): number {
    return this.#writes.length
  }

  get bytes(): number {
    return this.#bytes
  }

  get jobCount(): number {
    return this.#jobCount
  }

  get wroteJobs(): boolean {
    return this.#jobCount > this.#jobsBefore
  }

  put(cells: Cells, key: Buffer, value: Buffer): void {
    this.#stage({ cells, key, value })
  }

  /** Leaves a row that exists as it is. */
  putIfAbsent(cells: Cells, key: Buffer, value: Buffer): void {
    if (this.read(cells, key) === undefined) this.put(cells, key, value)
  }

  remove(cells: Cells, key: Buffer): void {
    this.#stage({ cells, key, value: undefined })
  }

  /** What the row will hold after what is staged so far. Searches: for rare changes of older rows. */
  read(cells: Cells, key: Buffer): Buffer | undefined {
    for (let index = this.#writes.length - 1; index >= 0; index--) {
      const write = this.#writes[index]
      if (write?.cells === cells && write.key.equals(key)) return write.value
    }
    return cells.get(key)
  }

  /** A number no other job has, greater than all before. */
  nextJobId(): number {
    return this.#generation * JOBS_PER_GENERATION + this.#jobCount++
  }

  /** Takes back everything staged after the first `size` writes. */
  truncate(size: number): void {
    this.#writes.length = size
  }

  /** Hands the writes to LMDB; called within its batch. */
  apply(): void {
    for (const { cells, key, value } of this.#writes) {
      if (value === undefined) void cells.remove(key)
      else void cells.put(key, value)
    }
  }

  #stage(write: StagedWrite): void {
    this.#bytes += write.key.length + (write.value?.length ?? 0)
    this.#writes.push(write)
  }
}
