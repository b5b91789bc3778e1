import { ChatError, type ConversationId, type InboxEntry, type UserId } from '@satchel/protocol'
import {
  followChannel,
  requireReader,
  unfollowChannel,
  type InboxDeps,
  type Reader,
} from '@satchel/chat-core'
import type { GatewayBus, SessionRegistry } from '@satchel/chat-core/ports'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import type { Audiences } from './audiences.ts'
import type { OutOfReach, Waiter } from './out-of-reach.ts'
import type { Replays } from './replays.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'

export interface FollowingDeps {
  readonly gatewayId: string
  readonly queries: InboxDeps
  readonly registry: Pick<SessionRegistry, 'locate'>
  readonly bus: Pick<GatewayBus, 'send'>
  readonly audiences: Audiences
  readonly replays: Replays
  readonly outOfReach: OutOfReach
  readonly sessions: SessionTable
  readonly telemetry: Pick<GatewayTelemetry, 'signalFailed'>
}

/**
 * Who follows which channel. No event tells of it, so the gateways with sessions of the user tell each other,
 * and each looks up what holds: that may be done twice, and in any order.
 */
export class Following implements Waiter {
  readonly #deps: FollowingDeps
  waits: Set<() => void> | undefined
  // The look-ups of one user and channel, one after another: what was read first must not count last.
  readonly #lookUps = new Map<string, Promise<void>>()

  constructor(deps: FollowingDeps) {
    this.#deps = deps
  }

  /** Settles when the user's sessions at this gateway have their seats. */
  async follow(userId: UserId, conversationId: ConversationId): Promise<InboxEntry> {
    const entry = await followChannel(this.#deps.queries, userId, conversationId)
    await this.#changed(userId, conversationId)
    return entry
  }

  async unfollow(userId: UserId, conversationId: ConversationId): Promise<void> {
    await unfollowChannel(this.#deps.queries, userId, conversationId)
    await this.#changed(userId, conversationId)
  }

  /** Another gateway says so. */
  changedElsewhere(userId: UserId, conversationId: ConversationId): void {
    this.#lookUp(userId, conversationId).catch((error: unknown) => {
      const { outOfReach, telemetry } = this.#deps
      telemetry.signalFailed('following', error)
      if (error instanceof ChatError && error.retryable)
        outOfReach.wait(this, conversationId, () => this.changedElsewhere(userId, conversationId))
    })
  }

  async #changed(userId: UserId, conversationId: ConversationId): Promise<void> {
    this.#tellOthers(userId, conversationId).catch((error: unknown) =>
      this.#deps.telemetry.signalFailed('following', error),
    )
    await this.#lookUp(userId, conversationId)
  }

  async #tellOthers(userId: UserId, conversationId: ConversationId): Promise<void> {
    const { gatewayId: own, registry, bus } = this.#deps
    const { usersAt } = await registry.locate([userId])
    for (const gatewayId of usersAt.keys())
      if (gatewayId !== own) bus.send(gatewayId, { type: 'following', conversationId, userId })
  }

  #lookUp(userId: UserId, conversationId: ConversationId): Promise<void> {
    const key = `${conversationId} ${userId}`
    const seating = (): Promise<void> => this.#seat(userId, conversationId)
    const done = (this.#lookUps.get(key) ?? Promise.resolve()).then(seating, seating)
    this.#lookUps.set(key, done)
    const forget = (): void => {
      if (this.#lookUps.get(key) === done) this.#lookUps.delete(key)
    }
    done.then(forget, forget)
    return done
  }

  async #seat(userId: UserId, conversationId: ConversationId): Promise<void> {
    const { queries, audiences, sessions } = this.#deps
    if (sessions.of(userId).size === 0) return
    const reader = await requireReader(queries, userId, conversationId).catch(noneIfRefused)
    if (reader === undefined) audiences.leave(userId, conversationId)
    else {
      for (const session of sessions.of(userId))
        if (!session.seats.has(conversationId)) this.#join(session, reader)
    }
  }

  #join(session: Session, reader: Reader): void {
    const { audiences, replays } = this.#deps
    const seat = audiences.join(session, { ...reader, head: reader.overview.head })
    // No event may come before its welcome, which takes up whoever is behind.
    if (!session.isWelcome) seat.state = 'replaying'
    // What was said while the reader was looked up went past this seat.
    if (seat.state === 'replaying') replays.pull(seat)
  }
}

function noneIfRefused(error: unknown): Reader | undefined {
  if (error instanceof ChatError && error.code === 'not_a_member') return undefined
  throw error
}
