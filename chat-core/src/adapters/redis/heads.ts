import type { ConversationId, Seq } from '@satchel/protocol'
import type { HeadRow } from '../../domain/conversation-state.ts'
import type { FoundHead, Heads } from '../../ports/heads.ts'
import type { OwnerRequests } from '../../ports/owner-requests.ts'
import type { MonotonicClock } from '../../runtime/monotonic-clock.ts'
import { AskedHeads } from './asked-heads.ts'
import { HeadPublications } from './head-publications.ts'
import type { RedisClient, RedisCommand } from './redis-client.ts'
import { parseRedisTimeMs } from './redis-time.ts'
import { SeenSeqs } from './seen-seqs.ts'
import { headKey, parseStoredHead } from './stored-head.ts'

export interface RedisHeadsOptions {
  readonly client: RedisClient
  readonly clock: MonotonicClock
  readonly requests: Pick<OwnerRequests, 'ask'>
  /** Of the command log. */
  readonly partitions: number
}

/**
 * Heads as owners published them to Redis; what it does not have, and what it may have wrong, is asked from
 * the owner. It may have wrong what is older than something this process has heard of, and after a loss
 * everything that was stored before it: another server may be there now, and owners may have been
 * unable to store anything newer.
 */
export class RedisHeads implements Heads {
  readonly #client: RedisClient
  readonly #publications: HeadPublications
  readonly #asked: AskedHeads
  readonly #seen = new SeenSeqs()
  readonly #unwatch: () => void
  /** By Redis' clock; unknown between a loss and the next read. */
  #trustedSinceMs: number | undefined = 0

  constructor({ client, clock, requests, partitions }: RedisHeadsOptions) {
    this.#client = client
    this.#publications = new HeadPublications({ client, clock })
    this.#asked = new AskedHeads({
      requests,
      partitions,
      found: (heads) => void this.#keep(heads),
    })
    this.#unwatch = client.watchReconnects(() => {
      this.#trustedSinceMs = undefined
    })
  }

  async read(conversationIds: readonly ConversationId[]): Promise<readonly FoundHead[]> {
    if (conversationIds.length === 0) return []
    const stored = await this.#readStored(conversationIds)
    return Promise.all(
      conversationIds.map(async (id, index) => {
        const head = stored[index]
        return head !== undefined && head.seq >= this.#seen.of(id) ? head : this.#asked.ask(id)
      }),
    )
  }

  publish(heads: ReadonlyMap<ConversationId, HeadRow>): Promise<void> {
    return this.#publications.publish(heads)
  }

  /** An event of this seq, or a head, has come to this process: readers here get nothing older. */
  saw(conversationId: ConversationId, seq: Seq): void {
    this.#seen.add(conversationId, seq)
  }

  close(): void {
    this.#unwatch()
    this.#publications.close()
  }

  /** Without Redis there are none. */
  async #readStored(ids: readonly ConversationId[]): Promise<readonly (HeadRow | undefined)[]> {
    const isTrusted = this.#trustedSinceMs !== undefined
    const get: RedisCommand = ['MGET', ...ids.map((id) => headKey(this.#client, id))]
    try {
      const [heads, time] = await this.#client.run(isTrusted ? [get] : [get, ['TIME']])
      if (!isTrusted) this.#trustedSinceMs = parseRedisTimeMs(time)
      const found: readonly unknown[] = Array.isArray(heads) ? heads : []
      return found.map((text) => this.#trusted(text))
    } catch {
      return []
    }
  }

  #trusted(text: unknown): HeadRow | undefined {
    const stored = parseStoredHead(text)
    if (stored === undefined || this.#trustedSinceMs === undefined) return undefined
    return stored.storedMs >= this.#trustedSinceMs ? stored.head : undefined
  }

  /** For the next who asks. */
  async #keep(heads: ReadonlyMap<ConversationId, HeadRow>): Promise<void> {
    try {
      await this.#publications.store(heads)
    } catch {
      // The client has told of it; they are asked for again.
    }
  }
}

export function openRedisHeads(options: RedisHeadsOptions): RedisHeads {
  return new RedisHeads(options)
}
