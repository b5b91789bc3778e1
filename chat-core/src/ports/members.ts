import type { ConversationDetails, ConversationId, Seq, UserId } from '@satchel/protocol'
import type { HeadRow, MemberRow } from '../domain/conversation-state.ts'

/** What anybody who may know of a conversation may know: its head row, details, pins. */
export interface ConversationOverview {
  readonly head: HeadRow
  readonly details: ConversationDetails
  readonly pins: readonly Seq[]
}

/**
 * Committed facts of conversations, for those who are not their owner.
 *
 * - `read` of an unknown conversation, or of somebody who is not a member, gives `undefined`.
 * - Reads see every commit that settled before they were called.
 */
export interface Members {
  overview(conversationId: ConversationId): Promise<ConversationOverview | undefined>
  read(conversationId: ConversationId, userId: UserId): Promise<MemberRow | undefined>
  /** In the order of user ids. */
  list(
    conversationId: ConversationId,
    options: { readonly after?: UserId | undefined; readonly limit: number },
  ): Promise<readonly (MemberRow & { readonly userId: UserId })[]>
}
