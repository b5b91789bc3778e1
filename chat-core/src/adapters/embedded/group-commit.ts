import { ChatError } from '@satchel/protocol'
import type { MonotonicClock } from '../../runtime/index.ts'
import { CommitPace } from './commit-pace.ts'
import type { EmbeddedDatabases } from './embedded-databases.ts'
import type { Journal } from './journal.ts'
import { storeError } from './store-error.ts'
import { StoreTransaction, type Stage } from './store-transaction.ts'
import type { WriteBack } from './write-back.ts'

export interface GroupCommitOptions {
  readonly generation: number
  readonly databases: EmbeddedDatabases
  readonly journal: Journal
  readonly writeBack: WriteBack
  readonly timers: MonotonicClock
  /** Of the last record there is. */
  readonly lastRecord: number
  readonly limitBytes?: (() => number) | undefined
  readonly jobsCommitted: () => void
}

interface WaitingWrite {
  readonly stage: Stage
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * How long what was committed may wait for LMDB, whose flushes hold up those of the journal: the longer, the fewer
 * they are, and the more cells were written again meanwhile.
 */
const WRITE_BACK_MS = 4_000
const WRITE_BACK_BYTES = 2 * 1024 * 1024
/** A transaction takes nothing more once it holds this much. Both together fit into the journal. */
const FULL_TRANSACTION_BYTES = 1024 * 1024
const MAX_WRITE_BYTES = 2 * 1024 * 1024

/**
 * Writes of many callers in one transaction, one transaction at a time. A write starts at once (after the
 * current turn of the loop) or with the next transaction; under load one begins every few milliseconds.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions
  readonly #pace = new CommitPace()
  #waiting: WaitingWrite[] = []
  #committing: Promise<void> | undefined
  #gathering: NodeJS.Timeout | undefined
  #turns: (() => void)[] = []
  #writeBackTimer: NodeJS.Timeout | undefined
  #writeBackDue = false
  #closed = false
  #lastRecord: number
  #pendingBytes = 0
  #jobCount = 1

  constructor(options: GroupCommitOptions) {
    this.#options = options
    this.#lastRecord = options.lastRecord
  }

  write(stage: Stage): Promise<void> {
    if (this.#closed) return Promise.reject(new ChatError('unavailable', 'The store is closed'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ stage, resolve, reject })
      this.#wake()
    })
  }

  /**
   * Settles when a commit may begin: what is written at once then is in it. Who first decides what to
   * write, and cannot decide more before that is committed, had better wait for it.
   */
  async turn(): Promise<void> {
    if (this.#isOpen) return
    await new Promise<void>((resolve) => this.#turns.push(resolve))
  }

  /** Commits what waits, and brings everything to LMDB that it takes. */
  async close(): Promise<void> {
    this.#closed = true
    this.#wake()
    while (this.#waiting.length > 0 || this.#committing !== undefined) {
      this.#wake()
      await this.#committing
    }
    clearTimeout(this.#gathering)
    clearTimeout(this.#writeBackTimer)
    const { writeBack } = this.#options
    writeBack.stop()
    await writeBack.running
    if (writeBack.failure !== undefined || this.#pendingBytes === 0) return
    this.#beginWriteBack()
    await writeBack.running
  }

  /** Nothing is being committed, nor to be waited for. */
  get #isOpen(): boolean {
    return this.#committing === undefined && (this.#gathering === undefined || this.#closed)
  }

  get #writeBackMayBegin(): boolean {
    return this.#writeBackDue && this.#options.writeBack.running === undefined
  }

  #wake(): void {
    if (!this.#isOpen) return
    for (const begin of this.#turns.splice(0)) begin()
    if (this.#waiting.length === 0 && !this.#writeBackMayBegin) return
    this.#committing = this.#commitAfterThisTurn()
  }

  async #commitAfterThisTurn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#writeBackMayBegin) this.#beginWriteBack()
    if (this.#waiting.length > 0) await this.#commit()
    this.#committing = undefined
    this.#wake()
  }

  async #commit(): Promise<void> {
    const { databases, generation } = this.#options
    const transaction = new StoreTransaction(databases, generation, this.#jobCount)
    const staged = this.#stageWaiting(transaction)
    this.#jobCount = transaction.jobCount
    this.#gather(transaction.staged.length)
    try {
      if (transaction.staged.length > 0) await this.#append(transaction)
    } catch (error) {
      const reason = await storeError(error, this.#options.journal.folder)
      for (const { reject } of staged) reject(reason)
      return
    }
    transaction.publish()
    for (const { resolve } of staged) resolve()
    if (transaction.wroteJobs) this.#options.jobsCommitted()
  }

  /** For how long what comes next waits for more, after a commit of so many cells. */
  #gather(cells: number): void {
    const apartMs = this.#pace.next(cells, this.#options.timers.elapsedMs())
    if (apartMs === 0) return
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined
      this.#wake()
    }, apartMs)
  }

  #stageWaiting(transaction: StoreTransaction): WaitingWrite[] {
    const staged: WaitingWrite[] = []
    let taken = 0
    for (const write of this.#waiting) {
      if (transaction.bytes >= FULL_TRANSACTION_BYTES) break
      taken++
      const before = { cells: transaction.staged.length, bytes: transaction.bytes }
      try {
        write.stage(transaction)
        requireFitting(transaction.bytes - before.bytes)
        staged.push(write)
      } catch (error) {
        transaction.truncate(before.cells)
        write.reject(error)
      }
    }
    this.#waiting = this.#waiting.slice(taken)
    return staged
  }

  async #append({ staged, bytes }: StoreTransaction): Promise<void> {
    const { journal } = this.#options
    this.#checkSpace(bytes)
    if (!journal.fits(bytes)) await this.#makeRoom(bytes)
    await journal.append(this.#lastRecord + 1, staged, bytes)
    this.#lastRecord++
    this.#pendingBytes += bytes
    if (journal.usedBytes >= WRITE_BACK_BYTES) this.#writeBackDue = true
    this.#writeBackTimer ??= setTimeout(() => {
      this.#writeBackDue = true
      this.#wake()
    }, WRITE_BACK_MS)
    this.#writeBackTimer.unref()
  }

  /** The journal's other file is empty once what it holds is in LMDB. */
  async #makeRoom(bytes: number): Promise<void> {
    const { journal, writeBack } = this.#options
    await writeBack.attempt()
    this.#beginWriteBack()
    if (!journal.fits(bytes))
      throw new ChatError('internal', `A transaction of ${bytes} bytes exceeds the journal`)
  }

  #beginWriteBack(): void {
    clearTimeout(this.#writeBackTimer)
    this.#writeBackTimer = undefined
    this.#writeBackDue = false
    this.#pendingBytes = 0
    void this.#options.writeBack.begin(this.#lastRecord).then(() => {
      this.#wake()
    })
  }

  #checkSpace(bytes: number): void {
    const { limitBytes, writeBack } = this.#options
    if (writeBack.failure !== undefined) throw writeBack.failure
    const limit = limitBytes?.()
    const used = writeBack.sizeBytes + this.#pendingBytes
    if (limit !== undefined && used + bytes > limit)
      throw new ChatError(
        'storage_full',
        `The store has ${used} of at most ${limit} bytes; nothing was stored`,
        { limit },
      )
  }
}

function requireFitting(bytes: number): void {
  if (bytes <= MAX_WRITE_BYTES) return
  const sizes = `${bytes} bytes of at most ${MAX_WRITE_BYTES}`
  throw new ChatError('too_large', `One write has ${sizes}`, { limit: MAX_WRITE_BYTES })
}
