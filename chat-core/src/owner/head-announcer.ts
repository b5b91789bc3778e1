import type { ConversationId } from '@satchel/protocol'
import type { ConversationView } from './held-conversation.ts'

/** When a conversation's head is said again after its last event. */
export const ANNOUNCEMENT_DELAYS_MS = [3_000, 30_000] as const

/** As long as it may take to notice that nothing went out: until then the last announcement may have been lost. */
const DOUBT_MS = 10_000

interface Pending {
  readonly view: ConversationView
  /** Of its last event. */
  readonly record: number
  readonly sinceMs: number
}

/** Conversations waiting for the same moment after their last event, in the order in which it comes. */
interface Stage {
  readonly delayMs: number
  readonly pending: Map<ConversationId, Pending>
}

/**
 * Remembers which conversations have had an event and calls `announce` for each of them 3 s and 30 s
 * after its last one. A conversation moves from one stage to the next, so that a turn of the clock
 * looks only at what is due; a new event moves it back to the first.
 */
export class HeadAnnouncer {
  readonly #announce: (view: ConversationView, last: boolean) => void
  readonly #stages: readonly Stage[]

  constructor(announce: (view: ConversationView, last: boolean) => void) {
    this.#announce = announce
    const [, last] = ANNOUNCEMENT_DELAYS_MS
    this.#stages = [...ANNOUNCEMENT_DELAYS_MS, last + DOUBT_MS].map((delayMs) => ({
      delayMs,
      pending: new Map(),
    }))
  }

  /** The conversation has had an event just now, by a command of this record. */
  touch(view: ConversationView, record: number, nowMs: number): void {
    for (const { pending } of this.#stages) pending.delete(view.id)
    this.#stages[0]?.pending.set(view.id, { view, record, sinceMs: nowMs })
  }

  /** Announces what is due. */
  tick(nowMs: number): void {
    // The last stage first: nothing passes two of them at once.
    for (const [index, { delayMs, pending }] of [...this.#stages.entries()].toReversed()) {
      const next = this.#stages[index + 1]
      for (const [id, waiting] of pending) {
        if (nowMs - waiting.sinceMs < delayMs) break
        pending.delete(id)
        next?.pending.set(id, waiting)
        if (next !== undefined)
          this.#announce(waiting.view, index === ANNOUNCEMENT_DELAYS_MS.length - 1)
      }
    }
  }

  /** Announces everything at once, as if for the last time; what is due remains due. */
  announceAll(): void {
    for (const { pending } of this.#stages)
      for (const { view } of pending.values()) this.#announce(view, true)
  }

  /** Everything was announced for the last time. */
  clear(): void {
    for (const { pending } of this.#stages) pending.clear()
  }

  /** The lowest record of a last event whose last announcement is to come, or may have been lost. */
  get lowestRecord(): number | undefined {
    let lowest: number | undefined
    for (const { pending } of this.#stages) {
      for (const { record } of pending.values())
        if (lowest === undefined || record < lowest) lowest = record
    }
    return lowest
  }
}
