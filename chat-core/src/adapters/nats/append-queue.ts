import { ChatError } from '@satchel/protocol'
import type { AppendBound } from './append-bound.ts'

/** Puts one record into the log and gives its number; rejects when it is not, or not known to be, there. */
export type Publish = (entries: readonly Uint8Array[]) => Promise<number>

const MAX_RECORD_COMMANDS = 1_000
const MAX_RECORD_BYTES = 64 * 1024

interface Waiting {
  readonly entry: Uint8Array
  readonly resolve: () => void
  readonly reject: (error: ChatError) => void
}

/**
 * What one process appends to one partition: one record on its way, and behind it what has gathered
 * meanwhile, which becomes the next. When a record fails everything behind it fails as well, so that
 * nothing later gets past it.
 */
export class AppendQueue {
  readonly #publish: Publish
  readonly #bound: AppendBound
  #waiting: Waiting[] = []
  #run: Promise<void> | undefined
  #refusing = false
  #lastRecord = 0

  constructor(publish: Publish, bound: AppendBound) {
    this.#publish = publish
    this.#bound = bound
  }

  /** No command that was kept so far is in a later record; infinite while that is not known. */
  get lastRecord(): number {
    return this.running || this.#waiting.length > 0 ? Number.POSITIVE_INFINITY : this.#lastRecord
  }

  get running(): boolean {
    return this.#run !== undefined
  }

  /** Settles when the command is known to be in the log, or rejects with a retryable error. */
  append(entry: Uint8Array): Promise<void> {
    if (this.#refusing || !this.#bound.enter(entry.length)) {
      this.#refuseForNow()
      const message = 'As many commands wait for the log as may'
      return Promise.reject(new ChatError('unavailable', message))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject })
    })
  }

  /** Publishes until nothing waits; never rejects. */
  async run(): Promise<void> {
    if (this.#waiting.length > 0) this.#run ??= this.#publishAll()
    await this.#run
  }

  async #publishAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#batchLength())
      try {
        this.#lastRecord = await this.#publish(batch.map(({ entry }) => entry))
        this.#leave(batch)
        for (const { resolve } of batch) resolve()
      } catch (error) {
        this.#leave(batch)
        this.#fail(batch, error)
      }
    }
    this.#run = undefined
  }

  #batchLength(): number {
    let bytes = 0
    let length = 0
    for (const { entry } of this.#waiting) {
      bytes += entry.length
      if (length > 0 && (bytes > MAX_RECORD_BYTES || length >= MAX_RECORD_COMMANDS)) break
      length++
    }
    return length
  }

  /** Of those behind, none was tried. */
  #fail(batch: readonly Waiting[], cause: unknown): void {
    const behind = this.#waiting.splice(0)
    this.#leave(behind)
    this.#refuseForNow()
    const failure =
      cause instanceof ChatError ? cause : new ChatError('retry', 'not known to be kept', { cause })
    for (const { reject } of batch) reject(failure)
    if (behind.length === 0) return
    const code = failure.code === 'storage_full' ? 'storage_full' : 'unavailable'
    const notTried = new ChatError(code, 'An earlier command failed', { cause: failure })
    for (const { reject } of behind) reject(notTried)
  }

  /** Until callers have heard of a refusal nothing is taken: what they appended behind it would get past it. */
  #refuseForNow(): void {
    if (this.#refusing) return
    this.#refusing = true
    setImmediate(() => {
      this.#refusing = false
    })
  }

  #leave(batch: readonly Waiting[]): void {
    let bytes = 0
    for (const { entry } of batch) bytes += entry.length
    this.#bound.leave(batch.length, bytes)
  }
}
