import type { ConversationId, Seq, UserId } from '@satchel/protocol'

/** Who was mentioned where. Written by owners' commits. */
export interface Mentions {
  /** Messages above `after` that mention the user or everybody, counted up to `limit`. */
  count(userId: UserId, conversationId: ConversationId, after: Seq, limit: number): Promise<number>
}
