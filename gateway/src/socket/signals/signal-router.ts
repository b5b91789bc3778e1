import { LIMITS, type ConversationId, type UserId } from '@satchel/protocol'
import type { GatewayBus, GatewayMessage, Members, SessionRegistry } from '@satchel/chat-core/ports'

import type { MonotonicClock } from '@satchel/chat-core/runtime'

export interface SignalRouterDeps {
  readonly gatewayId: string
  readonly bus: Pick<GatewayBus, 'send'>
  readonly registry: SessionRegistry
  readonly members: Pick<Members, 'list'>
  readonly time: MonotonicClock
}

/** Signals that name whom they are for, or go to a whole conversation. */
export type RoutedSignal = Extract<
  GatewayMessage,
  { readonly type: 'mark' | 'activity' | 'upload_progress' }
>

interface KnownMembers {
  readonly atMs: number
  readonly userIds: Promise<readonly UserId[]>
}

/** Somebody who types says so twice a second: that is no reason to ask an owner as often. */
const FRESH_MS = 5_000
const KNOWN_MAX = 10_000

/** Brings signals of this gateway's sessions to the gateways of small conversations' members. */
export class SignalRouter {
  readonly #deps: SignalRouterDeps
  // The longest known first. Who has left meanwhile has no seat any more, and hears nothing of it.
  readonly #known = new Map<ConversationId, KnownMembers>()

  constructor(deps: SignalRouterDeps) {
    this.#deps = deps
  }

  async toConversation(conversationId: ConversationId, message: RoutedSignal): Promise<void> {
    const { gatewayId, bus, registry } = this.#deps
    // With one gateway there is, its own list of sessions is all there is to ask.
    if (registry.crossProcess) await this.toUsers(await this.#membersOf(conversationId), message)
    else bus.send(gatewayId, message)
  }

  async toUsers(userIds: readonly UserId[], message: RoutedSignal): Promise<void> {
    const { usersAt } = await this.#deps.registry.locate(userIds)
    for (const [gatewayId, present] of usersAt)
      this.#deps.bus.send(gatewayId, { ...message, userIds: present })
  }

  #membersOf(conversationId: ConversationId): Promise<readonly UserId[]> {
    const nowMs = this.#deps.time.elapsedMs()
    const known = this.#known.get(conversationId)
    if (known !== undefined && nowMs - known.atMs < FRESH_MS) return known.userIds
    const userIds = this.#readMembers(conversationId)
    this.#known.delete(conversationId)
    this.#known.set(conversationId, { atMs: nowMs, userIds })
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KNOWN_MAX) break
      this.#known.delete(oldest)
    }
    userIds.catch(() => this.#known.delete(conversationId))
    return userIds
  }

  async #readMembers(conversationId: ConversationId): Promise<readonly UserId[]> {
    const limit = LIMITS.smallConversationMembers
    const rows = await this.#deps.members.list(conversationId, { limit })
    return rows.map(({ userId }) => userId)
  }
}
