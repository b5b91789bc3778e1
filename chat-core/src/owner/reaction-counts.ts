import { conversationKindOf, type ConversationId, type Seq } from '@satchel/protocol'
import type { GatewayBus } from '../ports/gateway-bus.ts'
import type { Timeline } from '../ports/timeline.ts'

const INTERVAL_MS = 10_000
const MAX_PENDING = 10_000

interface PendingCount {
  readonly conversationId: ConversationId
  readonly target: Seq
}

/**
 * In large conversations reactions take no seq. How many there are of each is told as a signal, for
 * each message at most once in ten seconds. A count that is not told is found with the next page.
 */
export class ReactionCounts {
  readonly #deps: { readonly timeline: Timeline; readonly bus: GatewayBus }
  readonly #pending = new Map<string, PendingCount>()
  #toldMs = 0

  constructor(deps: { readonly timeline: Timeline; readonly bus: GatewayBus }) {
    this.#deps = deps
  }

  touch(conversationId: ConversationId, target: Seq): void {
    if (this.#pending.size < MAX_PENDING)
      this.#pending.set(`${conversationId}/${String(target)}`, { conversationId, target })
  }

  /** Tells what changed since the last time, when that is long enough ago. */
  async tick(nowMs: number): Promise<void> {
    if (this.#pending.size === 0 || nowMs - this.#toldMs < INTERVAL_MS) return
    this.#toldMs = nowMs
    const changed = [...this.#pending.values()]
    this.#pending.clear()
    for (const { conversationId, target } of changed) {
      const [event] = await this.#deps.timeline.read(conversationId, {
        after: target - 1,
        upTo: target,
        limit: 1,
      })
      if (event?.content.kind !== 'message_sent') continue
      const { reactions: counted = [] } = event.content
      // Who reads a channel is nobody else's affair.
      const isChannel = conversationKindOf(conversationId) === 'channel'
      const reactions = isChannel ? counted.map(({ emoji, count }) => ({ emoji, count })) : counted
      this.#deps.bus.publish(conversationId, {
        type: 'reactions',
        conversationId,
        target,
        reactions,
      })
    }
  }
}
