import type { ConversationId } from '@satchel/protocol'
import type { Decision } from '../domain/decision.ts'
import type { Timeline } from '../ports/timeline.ts'
import type { MonotonicClock } from '../runtime/index.ts'
import type { Skipped } from './conversation-lane.ts'
import { announceHead, answer, deliver, type DeliverDeps } from './deliver.ts'
import { HeadAnnouncer, type Announcement } from './head-announcer.ts'
import type { HeadPublisher } from './head-publisher.ts'
import type { ConversationView, Decided } from './held-conversation.ts'
import { ReactionCounts } from './reaction-counts.ts'

export interface DeliveriesDeps extends DeliverDeps {
  readonly timeline: Timeline
  readonly timers: MonotonicClock
  /** Absent where readers read what is committed. */
  readonly heads?: HeadPublisher | undefined
  readonly telemetry: {
    deliveryFailed(conversationId: ConversationId | undefined, error: unknown): void
  }
}

/**
 * Tells the world of what one partition's owner has committed: readers first, then whoever asked, then
 * members, and again later. A conversation's deliveries never overtake each other.
 */
export class Deliveries {
  readonly #deps: DeliveriesDeps
  readonly #announcer: HeadAnnouncer
  readonly #reactionCounts: ReactionCounts
  // Each conversation's latest; the next waits for it.
  readonly #latest = new Map<ConversationId, Promise<void>>()

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps
    this.#reactionCounts = new ReactionCounts(deps)
    this.#announcer = new HeadAnnouncer((announcement, last) => {
      this.#inTurn(announcement.view.id, () => this.#announce(announcement, last))
    })
  }

  /** The lowest record that a successor has to read to announce what this one still has to. */
  get lowestRecord(): number | undefined {
    return this.#announcer.lowestRecord
  }

  /** These were committed just now; `view` is how they left the conversation, if it exists. */
  committed(view: ConversationView | undefined, decided: readonly Decided[]): void {
    const record = decided.at(-1)?.position.record
    if (view === undefined || record === undefined) {
      this.#answer(decided)
      return
    }
    let hasEvents = false
    for (const { decision } of decided) {
      if (decision.events.length > 0) hasEvents = true
      else this.#countReactions(view.id, decision)
    }
    if (hasEvents) this.#announcer.touch(view, record, this.#deps.timers.elapsedMs())
    const { heads } = this.#deps
    if (heads === undefined || !hasEvents) {
      this.#answer(decided)
      this.#inTurn(view.id, () => deliver(this.#deps, view, decided))
      return
    }
    const published = heads.publish(view.id, view.head)
    const answered = published.then(() => {
      this.#answer(decided)
    })
    this.#inTurn(view.id, async () => {
      await answered
      await deliver(this.#deps, view, decided)
    })
  }

  /** These had been committed by somebody who may not have told anyone. */
  skipped(view: ConversationView | undefined, skipped: readonly Skipped[]): void {
    const record = skipped.at(-1)?.origin.record
    if (view === undefined || record === undefined) return
    this.#announcer.touch(view, record, this.#deps.timers.elapsedMs())
    const published = this.#deps.heads?.publish(view.id, view.head) ?? Promise.resolve()
    const answered = published.then(() => {
      for (const { entry, answer: recorded } of skipped)
        if (recorded !== undefined) answer(this.#deps, entry, recorded)
    })
    this.#inTurn(view.id, async () => {
      await answered
      await announceHead(this.#deps, view, true)
    })
  }

  /** Announces what is due; called a few times a second. */
  tick(): void {
    // Said now it would be lost; it is said once the bus is back.
    if (!this.#deps.bus.connected) return
    const nowMs = this.#deps.timers.elapsedMs()
    this.#announcer.tick(nowMs)
    this.#reactionCounts.tick(nowMs).catch((error: unknown) => {
      this.#deps.telemetry.deliveryFailed(undefined, error)
    })
  }

  /** What was said lately may not have gone out: says where all those conversations stand. */
  announceAll(): void {
    this.#announcer.announceAll()
  }

  /**
   * Announces everything pending. What has gone out for certain, and to everybody, is done with; the rest
   * is for a successor to announce.
   */
  async finish(): Promise<void> {
    await this.#settled()
    this.#announcer.announceAll()
    await this.#settled()
    try {
      await this.#deps.bus.flush()
      this.#announcer.settle(this.#deps.timers.elapsedMs())
    } catch (error) {
      this.#deps.telemetry.deliveryFailed(undefined, error)
    }
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#latest.values())
  }

  async #announce(announcement: Announcement, last: boolean): Promise<void> {
    try {
      const hasReachedAll = await announceHead(this.#deps, announcement.view, last)
      if (last && !hasReachedAll)
        this.#announcer.sayLater(announcement, this.#deps.timers.elapsedMs())
    } catch (error) {
      this.#announcer.retry(announcement, this.#deps.timers.elapsedMs())
      throw error
    }
  }

  #answer(decided: readonly Decided[]): void {
    for (const { entry, decision } of decided) answer(this.#deps, entry, decision.answer)
  }

  #countReactions(id: ConversationId, { reactions }: Decision): void {
    for (const { target } of reactions) this.#reactionCounts.touch(id, target)
  }

  #inTurn(id: ConversationId, work: () => Promise<void>): void {
    const before = this.#latest.get(id)
    const done = (before === undefined ? work() : before.then(work))
      .catch((error: unknown) => {
        this.#deps.telemetry.deliveryFailed(id, error)
      })
      .then(() => {
        if (this.#latest.get(id) === done) this.#latest.delete(id)
      })
    this.#latest.set(id, done)
  }
}
