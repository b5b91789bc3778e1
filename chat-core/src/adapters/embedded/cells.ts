import type { Database } from 'lmdb'
import { CellTable, REMOVED, cellName, keyOfName } from './cell-table.ts'

export interface Cell {
  readonly key: Buffer
  readonly value: Buffer
}

/** Keys from `start` on and before `end`; with `reverse` downwards from `start` to above `end`. */
export interface CellRange {
  readonly start?: Buffer | undefined
  readonly end?: Buffer | undefined
  readonly limit?: number | undefined
  readonly reverse?: boolean | undefined
  readonly exclusiveStart?: boolean | undefined
}

/**
 * A database of the store: bytes by bytes, sorted by key. Shows everything that is durable, whether
 * it lies in LMDB already or, for some seconds, in the journal and here.
 *
 * Read a range to its end, or leave it, within one turn of the loop.
 */
export class Cells {
  /** Names the database in the journal. */
  readonly code: number
  readonly #stored: Database<Buffer, Buffer>
  #recent = new CellTable()
  /** On its way to LMDB. */
  #settling: CellTable | undefined

  constructor(code: number, stored: Database<Buffer, Buffer>) {
    this.code = code
    this.#stored = stored
  }

  get(key: Buffer): Buffer | undefined {
    if (this.#recent.size > 0 || this.#settling !== undefined) {
      const name = cellName(key)
      const pending = this.#recent.get(name) ?? this.#settling?.get(name)
      if (pending !== undefined) return pending === REMOVED ? undefined : pending
    }
    return this.#stored.get(key)
  }

  *getKeys(range: CellRange = {}): Generator<Buffer> {
    for (const { key } of this.getRange(range)) yield key
  }

  *getRange(range: CellRange = {}): Generator<Cell> {
    const pending = this.#pendingWithin(range)
    let left = range.limit ?? Infinity
    if (left <= 0) return
    // What is pending replaces at most as many of the stored ones.
    const stored = this.#stored.getRange(storedRange(range, left + pending.length))
    for (const cell of merge(stored, pending, range.reverse === true)) {
      if (cell.value === REMOVED) continue
      yield cell
      if (--left === 0) return
    }
  }

  /** Shows a cell that has become durable; `REMOVED` that there is none any more. */
  publish(name: string, value: Buffer): void {
    this.#recent.set(name, value)
  }

  /** The cells to be written to LMDB now; what is published from here on waits for the next time. */
  beginSettling(): CellTable {
    if (this.#settling !== undefined) throw new Error('The cells before these are not settled')
    const settling = this.#recent
    this.#settling = settling
    this.#recent = new CellTable()
    return settling
  }

  /** They are in LMDB. */
  endSettling(): void {
    this.#settling = undefined
  }

  /** Within an LMDB transaction. */
  store(key: Buffer, value: Buffer): void {
    if (value === REMOVED) void this.#stored.remove(key)
    else void this.#stored.put(key, value)
  }

  #pendingWithin(range: CellRange): readonly PendingCell[] {
    if (this.#recent.size === 0 && this.#settling === undefined) return []
    const { from, to } = bounds(range)
    const found = new Map<string, Buffer>()
    this.#settling?.collect(from, to, found)
    this.#recent.collect(from, to, found)
    const sorted = [...found].sort(([left], [right]) => (left < right ? -1 : 1))
    return range.reverse === true ? sorted.reverse() : sorted
  }
}

type PendingCell = readonly [name: string, value: Buffer]

function storedRange(range: CellRange, limit: number): Parameters<Database['getRange']>[0] {
  const { start, end, reverse = false, exclusiveStart = false } = range
  return {
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(limit !== Infinity && { limit }),
    reverse,
    exclusiveStart,
  }
}

/** A range as names: from (included) to (not included). A zero byte more is the next key there is. */
function bounds(range: CellRange): { readonly from: string; readonly to: string | undefined } {
  const start = range.start === undefined ? undefined : cellName(range.start)
  const end = range.end === undefined ? undefined : cellName(range.end)
  if (range.reverse === true) {
    const to = start !== undefined && range.exclusiveStart !== true ? `${start}\0` : start
    return { from: end === undefined ? '' : `${end}\0`, to }
  }
  if (start === undefined) return { from: '', to: end }
  return { from: range.exclusiveStart === true ? `${start}\0` : start, to: end }
}

/** Both in order; of two with the same key, the pending one. */
function* merge(
  stored: Iterable<Cell>,
  pending: readonly PendingCell[],
  reverse: boolean,
): Generator<Cell> {
  if (pending.length === 0) {
    yield* stored
    return
  }
  let next = 0
  for (const cell of stored) {
    const name = cellName(cell.key)
    let replaced = false
    for (let waiting = pending[next]; waiting !== undefined; waiting = pending[++next]) {
      if (reverse ? waiting[0] < name : waiting[0] > name) break
      replaced ||= waiting[0] === name
      yield cellOf(waiting)
    }
    if (!replaced) yield cell
  }
  for (const waiting of pending.slice(next)) yield cellOf(waiting)
}

function cellOf([name, value]: PendingCell): Cell {
  return { key: keyOfName(name), value }
}
