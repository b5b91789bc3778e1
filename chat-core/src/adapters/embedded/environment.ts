import { open, type Database, type RootDatabase } from 'lmdb'
import { Cells } from './cells.ts'
import type { JournalRecord } from './journal-record.ts'
import { formatNumber, parseNumber } from './number-cell.ts'

const GENERATION_KEY = Buffer.from('generation')
const APPLIED_KEY = Buffer.from('applied')
const CODE_PREFIX = 'database:'
const MAX_DATABASES = 64

/** The LMDB environment of a store: its databases, and what is remembered about itself. */
export class Environment {
  readonly path: string
  readonly root: RootDatabase<Buffer, Buffer>
  readonly #meta: Database<Buffer, Buffer>
  readonly #databases = new Map<string, Cells>()

  constructor(path: string) {
    this.path = path
    this.root = open<Buffer, Buffer>({
      path,
      encoding: 'binary',
      keyEncoding: 'binary',
      maxDbs: MAX_DATABASES,
      // With it, LMDB shows a transaction before it is on disk.
      overlappingSync: false,
      // Every write is part of a batch; left to itself, LMDB leaves a rejection unhandled.
      eventTurnBatching: false,
    })
    this.#meta = this.#openDatabase('meta')
  }

  /** Every database opened so far. */
  get databases(): Iterable<Cells> {
    return this.#databases.values()
  }

  database(name: string): Cells {
    const opened = this.#databases.get(name)
    if (opened !== undefined) return opened
    const cells = new Cells(this.#codeOf(name), this.#openDatabase(name))
    this.#databases.set(name, cells)
    return cells
  }

  /** The last record of the journal that lies in LMDB. */
  get applied(): number {
    const bytes = this.#meta.get(APPLIED_KEY)
    return bytes === undefined ? 0 : parseNumber(bytes)
  }

  /** Within a transaction. */
  setApplied(number: number): void {
    void this.#meta.put(APPLIED_KEY, formatNumber(number))
  }

  /** Settles when what `write` gives to LMDB is on disk, all of it; otherwise none of it is. */
  async transact(write: () => void): Promise<void> {
    await this.root.batch(write)
    await this.root.flushed
  }

  /** Writes what a journal still held. */
  async recover(records: readonly JournalRecord[]): Promise<void> {
    const last = records.at(-1)
    if (last === undefined) return
    const byCode = this.#databasesByCode()
    await this.transact(() => {
      for (const { cells } of records) {
        for (const cell of cells) {
          const database = byCode.get(cell.code)
          if (database === undefined) throw new Error(`No database has the code ${cell.code}`)
          database.store(cell.key, cell.value)
        }
      }
      this.setApplied(last.number)
    })
  }

  async nextGeneration(): Promise<number> {
    const stored = this.#meta.get(GENERATION_KEY)
    const generation = stored === undefined ? 1 : parseNumber(stored) + 1
    await this.transact(() => {
      void this.#meta.put(GENERATION_KEY, formatNumber(generation))
    })
    return generation
  }

  /** How much of the disk LMDB has taken; what it freed inside counts too. */
  get sizeBytes(): number {
    const statistics: Readonly<Record<string, unknown>> = { ...this.root.getStats() }
    const { pageSize, lastPageNumber } = statistics
    if (typeof pageSize !== 'number' || typeof lastPageNumber !== 'number') return 0
    return (lastPageNumber + 1) * pageSize
  }

  close(): Promise<void> {
    return this.root.close()
  }

  #databasesByCode(): ReadonlyMap<number, Cells> {
    const end = Buffer.from(`${CODE_PREFIX}\xff`)
    for (const key of Array.from(this.#meta.getKeys({ start: Buffer.from(CODE_PREFIX), end })))
      this.database(Buffer.from(key).toString().slice(CODE_PREFIX.length))
    return new Map(Array.from(this.databases, (cells) => [cells.code, cells]))
  }

  /** Written before any record of the journal uses it. */
  #codeOf(name: string): number {
    const key = Buffer.from(CODE_PREFIX + name)
    const stored = this.#meta.get(key)
    if (stored !== undefined) return parseNumber(stored)
    const range = { start: Buffer.from(CODE_PREFIX), end: Buffer.from(`${CODE_PREFIX}\xff`) }
    const code = Array.from(this.#meta.getKeys(range)).length + 1
    this.#meta.putSync(key, formatNumber(code))
    return code
  }

  #openDatabase(name: string): Database<Buffer, Buffer> {
    return this.root.openDB<Buffer, Buffer>(name, { encoding: 'binary', keyEncoding: 'binary' })
  }
}
