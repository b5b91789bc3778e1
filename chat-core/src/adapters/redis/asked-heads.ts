import type { ConversationId } from '@satchel/protocol'
import type { HeadRow } from '../../domain/conversation-state.ts'
import { partitionOf } from '../../domain/partition-of.ts'
import type { FoundHead } from '../../ports/heads.ts'
import type { OwnerRequests } from '../../ports/owner-requests.ts'

export interface AskedHeadsOptions {
  readonly requests: Pick<OwnerRequests, 'ask'>
  readonly partitions: number
  /** What owners said, once for each conversation. */
  readonly found: (heads: ReadonlyMap<ConversationId, HeadRow>) => void
}

type Asking = Map<ConversationId, PromiseWithResolvers<FoundHead>>

/** Of one partition, in one request. */
const MAX_QUESTIONS = 250

/** Asks owners where conversations stand; each conversation once, however many ask in one turn of the loop. */
export class AskedHeads {
  readonly #options: AskedHeadsOptions
  #waiting: Asking = new Map()

  constructor(options: AskedHeadsOptions) {
    this.#options = options
  }

  /** Never rejects. As new as anything that was told before it was called. */
  ask(conversationId: ConversationId): Promise<FoundHead> {
    const waiting = this.#waiting.get(conversationId)
    if (waiting !== undefined) return waiting.promise
    if (this.#waiting.size === 0) setImmediate(() => this.#send())
    const asked = Promise.withResolvers<FoundHead>()
    this.#waiting.set(conversationId, asked)
    return asked.promise
  }

  #send(): void {
    const waiting = this.#waiting
    this.#waiting = new Map()
    const byPartition = Map.groupBy(waiting.keys(), (id) =>
      partitionOf(id, this.#options.partitions),
    )
    for (const [partition, ids] of byPartition) {
      for (let from = 0; from < ids.length; from += MAX_QUESTIONS)
        void this.#askOwner(partition, ids.slice(from, from + MAX_QUESTIONS), waiting)
    }
  }

  async #askOwner(
    partition: number,
    ids: readonly ConversationId[],
    waiting: Asking,
  ): Promise<void> {
    const found = new Map<ConversationId, HeadRow>()
    try {
      const heads = await this.#options.requests.ask(
        partition,
        ids.map((conversationId) => ({ ask: 'head', conversationId }) as const),
      )
      for (const [index, id] of ids.entries()) {
        const head = heads[index]
        if (head !== undefined) found.set(id, head)
        waiting.get(id)?.resolve(head)
      }
    } catch {
      for (const id of ids) waiting.get(id)?.resolve('unreachable')
    }
    this.#options.found(found)
  }
}
