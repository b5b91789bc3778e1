/** When a conversation's head is said again after its last event. */
export const ANNOUNCEMENT_DELAYS_MS = [3_000, 30_000] as const

interface Pending<Subject> {
  readonly subject: Subject
  readonly sinceMs: number
}

/**
 * Remembers which conversations have had an event and calls `announce` for each of them 3 s and 30 s
 * after its last one. Every delay is a queue in order of time: a new event moves its conversation to
 * the end, so that a turn of the clock looks only at what is due.
 */
export class HeadAnnouncer<Key, Subject> {
  readonly #announce: (subject: Subject, last: boolean) => void
  readonly #queues: readonly {
    readonly delayMs: number
    readonly pending: Map<Key, Pending<Subject>>
  }[]

  constructor(announce: (subject: Subject, last: boolean) => void) {
    this.#announce = announce
    this.#queues = ANNOUNCEMENT_DELAYS_MS.map((delayMs) => ({ delayMs, pending: new Map() }))
  }

  /** The conversation has had an event just now. */
  touch(key: Key, subject: Subject, nowMs: number): void {
    for (const { pending } of this.#queues) {
      pending.delete(key)
      pending.set(key, { subject, sinceMs: nowMs })
    }
  }

  /** Announces what is due. */
  tick(nowMs: number): void {
    for (const { delayMs, pending } of this.#queues) {
      for (const [key, { subject, sinceMs }] of pending) {
        if (nowMs - sinceMs < delayMs) break
        pending.delete(key)
        this.#announce(subject, delayMs === ANNOUNCEMENT_DELAYS_MS.at(-1))
      }
    }
  }

  /** Announces everything pending at once: a hand-over, or a bus that was away. */
  flush(): void {
    for (const { pending } of this.#queues) {
      for (const { subject } of pending.values()) this.#announce(subject, true)
      pending.clear()
    }
  }

  get pending(): number {
    return Math.max(...this.#queues.map(({ pending }) => pending.size))
  }
}
