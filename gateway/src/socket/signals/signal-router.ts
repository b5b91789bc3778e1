import type { ConversationId, UserId } from '@satchel/protocol'
import type { GatewayBus, GatewayMessage, Members, SessionRegistry } from '@satchel/chat-core/ports'
import { LIMITS } from '@satchel/protocol'

export interface SignalRouterDeps {
  readonly gatewayId: string
  readonly bus: Pick<GatewayBus, 'send'>
  readonly registry: SessionRegistry
  readonly members: Members
}

/** Signals that name whom they are for, or go to a whole conversation. */
export type RoutedSignal = Extract<
  GatewayMessage,
  { readonly type: 'mark' | 'activity' | 'upload_progress' }
>

/** Brings signals of this gateway's sessions to the gateways of small conversations' members. */
export class SignalRouter {
  readonly #deps: SignalRouterDeps

  constructor(deps: SignalRouterDeps) {
    this.#deps = deps
  }

  async toConversation(conversationId: ConversationId, message: RoutedSignal): Promise<void> {
    const { gatewayId, bus, registry, members } = this.#deps
    // With one gateway there is, its own list of sessions is all there is to ask.
    if (!registry.crossProcess) {
      bus.send(gatewayId, message)
      return
    }
    const limit = LIMITS.smallConversationMembers
    const rows = await members.list(conversationId, { limit })
    await this.toUsers(
      rows.map(({ userId }) => userId),
      message,
    )
  }

  async toUsers(userIds: readonly UserId[], message: RoutedSignal): Promise<void> {
    for (const [gatewayId, present] of await this.#deps.registry.locate(userIds))
      this.#deps.bus.send(gatewayId, { ...message, userIds: present })
  }
}
