import type { ConversationId, Head, Seq } from '@satchel/protocol'
import type { GatewayBus } from '@satchel/chat-core/ports'
import { Audience } from './audience.ts'

export interface AudienceTableDeps {
  readonly gatewayId: string
  readonly bus: Pick<GatewayBus, 'subscribe' | 'unsubscribe'>
}

/** Every audience of this gateway, and which of them hear the bus on their conversation's subject. */
export class AudienceTable {
  readonly #deps: AudienceTableDeps
  readonly #audiences = new Map<ConversationId, Audience>()

  constructor(deps: AudienceTableDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#audiences.size
  }

  ids(): readonly ConversationId[] {
    return [...this.#audiences.keys()]
  }

  of(conversationId: ConversationId): Audience | undefined {
    return this.#audiences.get(conversationId)
  }

  /** Makes one that has seen everything up to `head`, where there is none. */
  obtain(
    conversationId: ConversationId,
    { seq, ordinal }: Pick<Head, 'seq' | 'ordinal'>,
  ): Audience {
    let audience = this.#audiences.get(conversationId)
    if (audience === undefined) {
      audience = new Audience(conversationId, { seq, ordinal })
      this.#audiences.set(conversationId, audience)
    }
    return audience
  }

  /** As of `seq` further events come on the conversation's subject, or to this gateway by its name. */
  listen(audience: Audience, seq: Seq, onSubject: boolean): void {
    if (audience.isSubscribed === onSubject || audience.seats.length === 0) return
    if (!onSubject && seq < audience.seq) return
    audience.isSubscribed = onSubject
    const { bus, gatewayId } = this.#deps
    if (onSubject) bus.subscribe(gatewayId, audience.conversationId)
    else bus.unsubscribe(gatewayId, audience.conversationId)
  }

  remove({ conversationId, isSubscribed }: Audience): void {
    this.#audiences.delete(conversationId)
    const { bus, gatewayId } = this.#deps
    if (isSubscribed) bus.unsubscribe(gatewayId, conversationId)
  }
}
