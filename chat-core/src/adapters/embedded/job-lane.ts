import type { Clock } from '../../ports/clock.ts'
import type { JobOutcome } from '../../ports/job-queue.ts'
import { formatCell } from '../cell-value.ts'
import { parseJobRow, type JobRow } from './embedded-cell.ts'
import type { Cells, EmbeddedStore } from './embedded-store.ts'
import { jobKey } from './job-rows.ts'
import type { StoreTransaction } from './store-transaction.ts'

export interface JobLaneOptions {
  readonly store: Pick<EmbeddedStore, 'write' | 'onJobsCommitted'>
  readonly clock: Clock
  /** Jobs of one kind, under numbers that grow. */
  readonly cells: Cells
  readonly concurrency: number
  /** How often jobs that wait for their time are looked at. */
  readonly pollMs: number
  readonly work: (row: JobRow) => Promise<JobOutcome>
  /** Keeps a job aside; part of the transaction that takes it out of the lane. */
  readonly bury: (transaction: StoreTransaction, row: JobRow, reason: string) => void
  /** Part of the transaction that ends a job. */
  readonly finish: (transaction: StoreTransaction, row: JobRow) => void
}

const PAGE = 64
/** After a worker rejected, or its outcome could not be written. */
const FAILED_DELAY_MS = 5_000

/**
 * Takes jobs of one kind from their rows, oldest first, each by one worker. Rows are read a page at a
 * time from where the last page ended: numbers only grow, so nothing is passed over. What has to wait
 * for its time is remembered by number.
 */
export class JobLane {
  readonly #options: JobLaneOptions
  readonly #waiting = new Map<number, number>()
  readonly #working = new Set<Promise<void>>()
  readonly #timer: NodeJS.Timeout
  readonly #unlisten: () => void
  #page: JobRow[] = []
  #after: Buffer = jobKey(0)
  #draining = false

  constructor(options: JobLaneOptions) {
    this.#options = options
    this.#unlisten = options.store.onJobsCommitted(() => this.#take())
    this.#timer = setInterval(() => this.#take(), options.pollMs)
    this.#timer.unref()
    // Not before the caller has got its consumer.
    queueMicrotask(() => this.#take())
  }

  async drain(): Promise<void> {
    this.#draining = true
    clearInterval(this.#timer)
    this.#unlisten()
    await Promise.all(this.#working)
  }

  #take(): void {
    while (!this.#draining && this.#working.size < this.#options.concurrency) {
      const row = this.#next()
      if (row === undefined) return
      const work = this.#do(row).then(() => {
        this.#working.delete(work)
        this.#take()
      })
      this.#working.add(work)
    }
  }

  #next(): JobRow | undefined {
    try {
      return this.#nextWaiting() ?? this.#nextNew()
    } catch {
      // The store cannot be read, or is closed: the next poll sees.
      return undefined
    }
  }

  /** A job whose time has come. */
  #nextWaiting(): JobRow | undefined {
    const nowMs = this.#options.clock.nowMs()
    for (const [id, notBeforeMs] of this.#waiting) {
      if (notBeforeMs > nowMs) continue
      this.#waiting.delete(id)
      const bytes = this.#options.cells.get(jobKey(id))
      if (bytes !== undefined) return parseJobRow(bytes)
    }
    return undefined
  }

  #nextNew(): JobRow | undefined {
    const nowMs = this.#options.clock.nowMs()
    for (;;) {
      if (this.#page.length === 0) this.#readPage()
      const row = this.#page.shift()
      if (row === undefined || row.notBeforeMs <= nowMs) return row
      this.#waiting.set(row.id, row.notBeforeMs)
    }
  }

  #readPage(): void {
    const range = { start: this.#after, exclusiveStart: true, limit: PAGE }
    this.#page = Array.from(this.#options.cells.getRange(range), ({ value }) => parseJobRow(value))
    const last = this.#page.at(-1)
    if (last !== undefined) this.#after = jobKey(last.id)
  }

  /** Never rejects. */
  async #do(row: JobRow): Promise<void> {
    try {
      await this.#settle(row, await this.#options.work(row))
    } catch {
      // It is still there as it was.
      this.#waiting.set(row.id, this.#options.clock.nowMs() + FAILED_DELAY_MS)
    }
  }

  async #settle(row: JobRow, outcome: JobOutcome): Promise<void> {
    const { store, cells, clock, bury, finish } = this.#options
    const key = jobKey(row.id)
    switch (outcome.kind) {
      case 'done':
        return store.write((transaction) => {
          transaction.remove(cells, key)
          finish(transaction, row)
        })
      case 'dead':
        return store.write((transaction) => {
          transaction.remove(cells, key)
          bury(transaction, row, outcome.reason)
        })
      case 'retry': {
        const notBeforeMs = clock.nowMs() + outcome.delayMs
        const next: JobRow = { ...row, notBeforeMs, attempts: row.attempts + 1 }
        await store.write((transaction) => transaction.put(cells, key, formatCell(next)))
        this.#waiting.set(row.id, notBeforeMs)
        return
      }
      default:
        return outcome satisfies never
    }
  }
}
