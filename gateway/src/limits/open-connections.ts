import type { MonotonicClock } from '@satchel/chat-core/runtime'

/** So many of the files that may be open are kept for everything that is no connection: a tenth, at least these. */
const RESERVED_PART = 0.1
const RESERVED_LEAST = 128

/**
 * How many connections there is room for where `openFiles` files may be open: each takes one, and without
 * one to spare nothing can be stored, read, or even refused.
 */
export function mostConnections(openFiles: number): number {
  if (openFiles === Infinity) return Infinity
  return openFiles - Math.max(RESERVED_LEAST, Math.ceil(openFiles * RESERVED_PART))
}

/** How long the library keeps a connection that was ended here and that the peer does not close. */
const ENDING_MS = 20_000

/** Counts the connections of a process, of every kind, against what there is room for. */
export class OpenConnections {
  readonly most: number
  readonly #time: MonotonicClock
  #size = 0
  /** When the files of those that were ended here are free for certain, in order. */
  #ending: number[] = []

  constructor(most: number, time: MonotonicClock) {
    this.most = most
    this.#time = time
  }

  get size(): number {
    return this.#size
  }

  opened(): void {
    this.#size++
  }

  closed(): void {
    this.#size--
  }

  /** Ended here, not by the peer, who may keep its file open for a while. */
  ended(): void {
    this.#size--
    this.#ending.push(this.#time.elapsedMs() + ENDING_MS)
  }

  /** The one that was opened last is one too many. */
  get isOver(): boolean {
    if (this.#size + this.#ending.length <= this.most) return false
    const nowMs = this.#time.elapsedMs()
    this.#ending = this.#ending.filter((endMs) => endMs > nowMs)
    return this.#size + this.#ending.length > this.most
  }
}
