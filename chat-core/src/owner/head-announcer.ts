import type { ConversationId } from '@satchel/protocol'
import type { ConversationView } from './held-conversation.ts'

/** When a conversation's head is said again after its last event. */
const ANNOUNCEMENT_DELAYS_MS = [3_000, 30_000] as const

/** However busy a conversation is, all its members are told this often where it stands. */
const BUSY_MS = ANNOUNCEMENT_DELAYS_MS[1]

/** As long as it may take to notice that nothing went out: until then the last announcement may have been lost. */
const DOUBT_MS = 10_000

/** How often one is said again whose members could not all be found when it was said last, and of how many at most. */
const UNHEARD_MS = 30_000
const MAX_UNHEARD = 10_000

/** Where a conversation stands, and the record whose command brought it there. */
export interface Announcement {
  readonly view: ConversationView
  readonly record: number
}

interface Pending extends Announcement {
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
 *
 * A busy one never comes to the last stage. As long as it is large, a gateway that has missed its becoming so listens
 * to nothing it says: it is announced as if for the last time every 30 s meanwhile.
 */
export class HeadAnnouncer {
  readonly #announce: (announcement: Announcement, last: boolean) => void
  readonly #stages: readonly Stage[]
  // Large groups that have had events since all their members were last told, and when that was; the longest first.
  readonly #untold = new Map<ConversationId, number>()
  // Said for the last time, and not to everybody; the longest ago first.
  readonly #unheard = new Map<ConversationId, Pending>()

  constructor(announce: (announcement: Announcement, last: boolean) => void) {
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
    this.#unheard.delete(view.id)
    this.#stages[0]?.pending.set(view.id, { view, record, sinceMs: nowMs })
    if (view.head.fanout === 'small') this.#untold.delete(view.id)
    else if (!this.#untold.has(view.id)) this.#untold.set(view.id, nowMs)
  }

  /** It could not be announced: begins again, unless there has been an event since. */
  retry(announcement: Announcement, nowMs: number): void {
    const { view, record } = announcement
    if (!this.#isOutdated(announcement)) this.touch(view, record, nowMs)
  }

  /**
   * Some members could not be found: it is said again every half a minute until they can be, or until there is
   * another event. Nothing waits for that, so it ends with the process.
   */
  sayLater(announcement: Announcement, nowMs: number): void {
    const { id } = announcement.view
    if (this.#isOutdated(announcement)) return
    this.#unheard.delete(id)
    this.#unheard.set(id, { ...announcement, sinceMs: nowMs })
    for (const oldest of this.#unheard.keys()) {
      if (this.#unheard.size <= MAX_UNHEARD) return
      this.#unheard.delete(oldest)
    }
  }

  /** Announces what is due. */
  tick(nowMs: number): void {
    // The last stage first: nothing passes two of them at once.
    for (const [index, { delayMs, pending }] of [...this.#stages.entries()].toReversed()) {
      const next = this.#stages[index + 1]
      const isLast = index === ANNOUNCEMENT_DELAYS_MS.length - 1
      for (const [id, waiting] of pending) {
        if (nowMs - waiting.sinceMs < delayMs) break
        pending.delete(id)
        next?.pending.set(id, waiting)
        if (isLast) this.#untold.delete(id)
        if (next !== undefined) this.#announce(waiting, isLast)
      }
    }
    this.#announceBusy(nowMs)
    this.#announceUnheard(nowMs)
  }

  #announceUnheard(nowMs: number): void {
    for (const [id, waiting] of this.#unheard) {
      if (nowMs - waiting.sinceMs < UNHEARD_MS) return
      this.#unheard.delete(id)
      this.#announce(waiting, true)
    }
  }

  /** Its conversation has had an event since, which is announced in its turn. */
  #isOutdated({ view, record }: Announcement): boolean {
    return this.#stages.some(({ pending }) => (pending.get(view.id)?.record ?? 0) > record)
  }

  #announceBusy(nowMs: number): void {
    for (const [id, sinceMs] of this.#untold) {
      if (nowMs - sinceMs < BUSY_MS) return
      this.#untold.delete(id)
      const waiting = this.#stages.find(({ pending }) => pending.has(id))?.pending.get(id)
      if (waiting !== undefined) this.#announce(waiting, true)
    }
  }

  /** Announces everything at once, as if for the last time; what is due remains due. */
  announceAll(): void {
    for (const { pending } of this.#stages)
      for (const waiting of pending.values()) this.#announce(waiting, true)
    for (const waiting of this.#unheard.values()) this.#announce(waiting, true)
  }

  /**
   * What was said just now was said for the last time, but for conversations that had an event a moment
   * ago: sessions that were there by then need not be known yet.
   */
  settle(nowMs: number): void {
    const [knownAfterMs] = ANNOUNCEMENT_DELAYS_MS
    for (const { pending } of this.#stages)
      for (const [id, { sinceMs }] of pending)
        if (nowMs - sinceMs >= knownAfterMs) pending.delete(id)
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
