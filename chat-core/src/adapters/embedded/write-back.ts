import type { ChatError } from '@satchel/protocol'
import { keyOfName, type CellTable } from './cell-table.ts'
import type { Cells } from './cells.ts'
import type { Environment } from './environment.ts'
import type { Journal } from './journal.ts'
import { storeError } from './store-error.ts'

/** Cells given to LMDB at once; giving them takes time of this thread. */
const CELLS_PER_TRANSACTION = 500
const RETRY_MS = 1_000

interface SettlingTable {
  readonly cells: Cells
  readonly pending: CellTable
}

interface SettlingCell {
  readonly cells: Cells
  readonly name: string
  readonly value: Buffer
}

/**
 * Moves what the journal made durable into LMDB, some time later and each cell once, however often it
 * was written meanwhile. Until then readers see it from memory, and a restart reads it again.
 */
export class WriteBack {
  readonly #environment: Environment
  readonly #journal: Journal
  #running: Promise<void> | undefined
  #failure: ChatError | undefined
  #failed = Promise.withResolvers<undefined>()
  #sizeBytes: number
  #stopped = false

  constructor(environment: Environment, journal: Journal) {
    this.#environment = environment
    this.#journal = journal
    this.#sizeBytes = environment.sizeBytes
  }

  /** Settles when what was begun is in LMDB, or given up on; `undefined` when nothing is under way. */
  get running(): Promise<void> | undefined {
    return this.#running
  }

  /** Why LMDB does not take anything at the moment. */
  get failure(): ChatError | undefined {
    return this.#failure
  }

  /** What LMDB has taken of the disk, as of the last time. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /**
   * Begins with everything up to record `number`, the latest. Not while it is running, nor during an
   * append.
   */
  begin(number: number): Promise<void> {
    this.#journal.rotate()
    const tables = Array.from(this.#environment.databases, (cells) => ({
      cells,
      pending: cells.beginSettling(),
    }))
    this.#running = this.#settle(tables, number).then(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Settles when nothing is under way any more; rejects when LMDB refuses it, for now. */
  async attempt(): Promise<void> {
    while (this.#running !== undefined) {
      if (this.#failure !== undefined) throw this.#failure
      await Promise.race([this.#running, this.#failed.promise])
    }
  }

  /** From now on, gives up on what LMDB refuses: the journal keeps it for the next start. */
  stop(): void {
    this.#stopped = true
  }

  async #settle(tables: readonly SettlingTable[], number: number): Promise<void> {
    while (!(await this.#try(tables, number))) {
      if (this.#stopped) return
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
    this.#environment.root.resetReadTxn()
    for (const { cells } of tables) cells.endSettling()
    this.#sizeBytes = this.#environment.sizeBytes
  }

  async #try(tables: readonly SettlingTable[], number: number): Promise<boolean> {
    try {
      await this.#store(tables, number)
      this.#failure = undefined
      return true
    } catch (error) {
      this.#failure = await storeError(error, this.#environment.path)
      this.#failed.resolve(undefined)
      this.#failed = Promise.withResolvers<undefined>()
      return false
    }
  }

  // In several transactions: until the number follows, a restart writes all of it again.
  async #store(tables: readonly SettlingTable[], number: number): Promise<void> {
    let some: SettlingCell[] = []
    for (const cell of cellsOf(tables)) {
      some.push(cell)
      if (some.length < CELLS_PER_TRANSACTION) continue
      await this.#give(some)
      some = []
    }
    await this.#give(some, number)
  }

  async #give(some: readonly SettlingCell[], applied?: number): Promise<void> {
    await this.#environment.transact(() => {
      for (const { cells, name, value } of some) cells.store(keyOfName(name), value)
      if (applied !== undefined) this.#environment.setApplied(applied)
    })
  }
}

function* cellsOf(tables: readonly SettlingTable[]): Generator<SettlingCell> {
  for (const { cells, pending } of tables)
    for (const [name, value] of pending.entries()) yield { cells, name, value }
}
