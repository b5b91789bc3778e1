import type { ConversationDetails, ConversationId, Seq, UserId } from '@satchel/protocol'
import type { HeadRow, MemberRow } from '../domain/conversation-state.ts'

/** What anybody who may know of a conversation may know: its head row, details, pins. */
export interface ConversationOverview {
  readonly head: HeadRow
  readonly details: ConversationDetails
  readonly pins: readonly Seq[]
}

/** A conversation and one user's place in it, none where they are no member. */
export interface Membership {
  readonly overview: ConversationOverview
  readonly member: MemberRow | undefined
}

/**
 * Committed facts of conversations, for those who are not their owner.
 *
 * - `read` of somebody who is not a member, and everything of an unknown conversation, gives `undefined`.
 * - `membership` gives both as of one commit, or the member as of a later one: who was removed with an
 *   event that the head counts is no member.
 * - Reads see every commit that settled before they were called.
 * - Each rejects with `unavailable` while nobody can say, for example while a partition is between two
 *   owners. That is not known to be no member, nor no conversation.
 */
export interface Members {
  overview(conversationId: ConversationId): Promise<ConversationOverview | undefined>
  membership(conversationId: ConversationId, userId: UserId): Promise<Membership | undefined>
  read(conversationId: ConversationId, userId: UserId): Promise<MemberRow | undefined>
  /** In the order of user ids. */
  list(
    conversationId: ConversationId,
    options: { readonly after?: UserId | undefined; readonly limit: number },
  ): Promise<readonly (MemberRow & { readonly userId: UserId })[]>
}
