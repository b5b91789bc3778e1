import type { ConversationId } from '@satchel/protocol'
import type { HeadRow } from '../../domain/conversation-state.ts'
import type { MonotonicClock } from '../../runtime/monotonic-clock.ts'
import type { RedisClient } from './redis-client.ts'
import { STORE_HEADS, formatHead, headKey } from './stored-head.ts'

export interface HeadPublicationsOptions {
  readonly client: RedisClient
  readonly clock: MonotonicClock
}

type HeadEntry = readonly [id: ConversationId, head: HeadRow]

const LIFETIME_MS = 24 * 3_600_000
/** What was stored this long before Redis was lost is taken to have reached its replicas. */
const RECENT_MS = 60_000
const MAX_REMEMBERED = 100_000
const REPEAT_MS = 1_000
const HEADS_PER_TRIP = 500

/**
 * Heads on their way to Redis. What it did not take is owed and told again until it does. After a loss so is
 * everything of the last minute: the server that is there now may never have had it.
 */
export class HeadPublications {
  readonly #options: HeadPublicationsOptions
  readonly #recent = new Map<ConversationId, { readonly head: HeadRow; readonly atMs: number }>()
  readonly #owed = new Map<ConversationId, HeadRow>()
  readonly #timer: NodeJS.Timeout
  readonly #unwatch: () => void
  #isRepeating = false

  constructor(options: HeadPublicationsOptions) {
    this.#options = options
    this.#timer = setInterval(() => {
      this.#forget()
      void this.#repeat()
    }, REPEAT_MS)
    this.#timer.unref()
    this.#unwatch = options.client.watchReconnects(() => {
      for (const [id, { head }] of this.#recent) this.#owe(id, head)
      void this.#repeat()
    })
  }

  /** Settles when Redis has these or newer ones; when it rejects, they follow as soon as Redis takes them. */
  async publish(heads: ReadonlyMap<ConversationId, HeadRow>): Promise<void> {
    const atMs = this.#options.clock.elapsedMs()
    for (const [id, head] of heads) {
      this.#recent.delete(id)
      this.#recent.set(id, { head, atMs })
    }
    try {
      await this.store(heads)
    } catch (error) {
      for (const [id, head] of heads) this.#owe(id, head)
      throw error
    }
  }

  /** The same for heads that somebody else answers for: nothing is remembered of them. */
  async store(heads: Iterable<HeadEntry>): Promise<void> {
    const { client } = this.#options
    const entries = [...heads]
    for (let from = 0; from < entries.length; from += HEADS_PER_TRIP) {
      const some = entries.slice(from, from + HEADS_PER_TRIP)
      await client.runScript(
        STORE_HEADS,
        some.map(([id]) => headKey(client, id)),
        [LIFETIME_MS, ...some.flatMap(([, head]) => formatHead(head))],
      )
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#unwatch()
  }

  #owe(id: ConversationId, head: HeadRow): void {
    const owed = this.#owed.get(id)
    if (owed === undefined || owed.seq < head.seq) this.#owed.set(id, head)
    dropOldest(this.#owed)
  }

  /** Never rejects. */
  async #repeat(): Promise<void> {
    if (this.#isRepeating || this.#owed.size === 0 || !this.#options.client.connected) return
    this.#isRepeating = true
    const owed = [...this.#owed]
    try {
      await this.store(owed)
      for (const [id, head] of owed) if (this.#owed.get(id) === head) this.#owed.delete(id)
    } catch {
      // The client has told of it; the next turn tries again.
    } finally {
      this.#isRepeating = false
    }
  }

  #forget(): void {
    const recentMs = this.#options.clock.elapsedMs() - RECENT_MS
    for (const [id, { atMs }] of this.#recent) {
      if (atMs > recentMs) break
      this.#recent.delete(id)
    }
    dropOldest(this.#recent)
  }
}

function dropOldest(remembered: Map<ConversationId, unknown>): void {
  for (const oldest of remembered.keys()) {
    if (remembered.size <= MAX_REMEMBERED) return
    remembered.delete(oldest)
  }
}
