import { JOURNAL_CELL_BYTES } from './journal-record.ts'
import { REMOVED, cellName } from './cell-table.ts'
import type { Cells } from './cells.ts'
import type { EmbeddedDatabases } from './embedded-databases.ts'

/** Stages writes; what it throws rejects its own write and leaves the others' alone. */
export type Stage = (transaction: StoreTransaction) => void

export interface StagedCell {
  readonly cells: Cells
  readonly key: Buffer
  readonly name: string
  /** `REMOVED` for none. */
  readonly value: Buffer
}

// Job ids grow over restarts without being read back: the generation, then 32 bits of count.
const JOBS_PER_GENERATION = 2 ** 32
const MAX_SEARCHED = 64

/** The writes of one transaction while it is put together. */
export class StoreTransaction {
  readonly databases: EmbeddedDatabases
  readonly #generation: number
  readonly #jobsBefore: number
  readonly #staged: StagedCell[] = []
  /** What `read` looks things up in once there is much. */
  #latest: Map<Cells, Map<string, StagedCell>> | undefined
  #bytes = 0
  #jobCount: number

  constructor(databases: EmbeddedDatabases, generation: number, jobCount: number) {
    this.databases = databases
    this.#generation = generation
    this.#jobCount = jobCount
    this.#jobsBefore = jobCount
  }

  get staged(): readonly StagedCell[] {
    return this.#staged
  }

  /** How much of a record of the journal it takes. */
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
    this.#stage({ cells, key, value, name: cellName(key) })
  }

  /** Leaves a row that exists as it is. */
  putIfAbsent(cells: Cells, key: Buffer, value: Buffer): void {
    if (this.read(cells, key) === undefined) this.put(cells, key, value)
  }

  remove(cells: Cells, key: Buffer): void {
    this.#stage({ cells, key, value: REMOVED, name: cellName(key) })
  }

  /** What the row will hold after what is staged so far. */
  read(cells: Cells, key: Buffer): Buffer | undefined {
    const staged = this.#find(cells, cellName(key))
    if (staged === undefined) return cells.get(key)
    return staged.value === REMOVED ? undefined : staged.value
  }

  /** A number no other job has, greater than all before. */
  nextJobId(): number {
    return this.#generation * JOBS_PER_GENERATION + this.#jobCount++
  }

  /** Takes back everything staged after the first `count` cells. */
  truncate(count: number): void {
    for (const { key, value } of this.#staged.splice(count)) this.#bytes -= sizeOf(key, value)
    this.#latest = undefined
  }

  /** Shows what is staged to readers: it is durable. */
  publish(): void {
    for (const { cells, name, value } of this.#staged) cells.publish(name, value)
  }

  // Most transactions are so small that looking through them costs less than an index of them.
  #find(cells: Cells, name: string): StagedCell | undefined {
    if (this.#latest !== undefined) return this.#latest.get(cells)?.get(name)
    if (this.#staged.length > MAX_SEARCHED) {
      this.#latest = new Map()
      for (const staged of this.#staged) note(this.#latest, staged)
      return this.#latest.get(cells)?.get(name)
    }
    for (let index = this.#staged.length - 1; index >= 0; index--) {
      const staged = this.#staged[index]
      if (staged?.name === name && staged.cells === cells) return staged
    }
    return undefined
  }

  #stage(staged: StagedCell): void {
    this.#bytes += sizeOf(staged.key, staged.value)
    this.#staged.push(staged)
    if (this.#latest !== undefined) note(this.#latest, staged)
  }
}

function note(latest: Map<Cells, Map<string, StagedCell>>, staged: StagedCell): void {
  const ofCells = latest.get(staged.cells) ?? new Map<string, StagedCell>()
  if (ofCells.size === 0) latest.set(staged.cells, ofCells)
  ofCells.set(staged.name, staged)
}

function sizeOf(key: Buffer, value: Buffer): number {
  return JOURNAL_CELL_BYTES + key.length + value.length
}
