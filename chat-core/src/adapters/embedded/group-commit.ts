import { ChatError } from '@satchel/protocol'
import type { RootDatabase } from 'lmdb'
import { storeError } from './store-error.ts'
import { StoreTransaction, type Stage } from './store-transaction.ts'
import type { EmbeddedDatabases } from './embedded-store.ts'

export interface GroupCommitOptions {
  readonly root: RootDatabase<Buffer, Buffer>
  readonly generation: number
  readonly databases: EmbeddedDatabases
  readonly limitBytes?: (() => number) | undefined
  readonly jobsCommitted: () => void
}

interface WaitingWrite {
  readonly stage: Stage
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const GATHER_MS = 1
/** A transaction is begun with what is staged so far once it holds this much. */
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024

/**
 * Writes of many callers in one LMDB transaction, one transaction at a time. When idle a write starts
 * at once (after the current turn of the loop); what arrives while one is under way goes together
 * into the next.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions
  #waiting: WaitingWrite[] = []
  #running: Promise<void> | undefined
  #closed = false
  #jobCount = 1

  constructor(options: GroupCommitOptions) {
    this.#options = options
  }

  write(stage: Stage): Promise<void> {
    if (this.#closed) return Promise.reject(new ChatError('unavailable', 'The store is closed'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ stage, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    for (;;) {
      await this.#commit()
      if (this.#waiting.length === 0) break
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS))
    }
    this.#running = undefined
  }

  async #commit(): Promise<void> {
    const transaction = new StoreTransaction(
      this.#options.databases,
      this.#options.generation,
      this.#jobCount,
    )
    const staged = this.#stageWaiting(transaction)
    this.#jobCount = transaction.jobCount
    try {
      if (transaction.size > 0) await this.#commitDurably(transaction)
    } catch (error) {
      const reason = await storeError(error)
      for (const { reject } of staged) reject(reason)
      return
    }
    for (const { resolve } of staged) resolve()
    if (transaction.wroteJobs) this.#options.jobsCommitted()
  }

  #stageWaiting(transaction: StoreTransaction): WaitingWrite[] {
    const waiting = this.#waiting
    const staged: WaitingWrite[] = []
    let taken = 0
    for (const write of waiting) {
      if (transaction.bytes >= MAX_TRANSACTION_BYTES) break
      taken++
      const before = transaction.size
      try {
        write.stage(transaction)
        staged.push(write)
      } catch (error) {
        transaction.truncate(before)
        write.reject(error)
      }
    }
    this.#waiting = waiting.slice(taken)
    return staged
  }

  async #commitDurably(transaction: StoreTransaction): Promise<void> {
    const { root } = this.#options
    this.#checkLimit(transaction.bytes)
    await root.batch(() => {
      transaction.apply()
    })
    await root.flushed
  }

  #checkLimit(bytes: number): void {
    const limitBytes = this.#options.limitBytes?.()
    if (limitBytes === undefined) return
    const used = usedBytes(this.#options.root)
    if (used + bytes > limitBytes)
      throw new ChatError(
        'storage_full',
        `The store has ${used} of at most ${limitBytes} bytes; nothing was stored`,
        { limit: limitBytes },
      )
  }
}

function usedBytes(root: RootDatabase<Buffer, Buffer>): number {
  const statistics: Readonly<Record<string, unknown>> = { ...root.getStats() }
  const { pageSize, lastPageNumber } = statistics
  if (typeof pageSize !== 'number' || typeof lastPageNumber !== 'number') return 0
  return (lastPageNumber + 1) * pageSize
}
