import type { ConversationId, Mark, MarkKind, UserId } from '@satchel/protocol'

export interface UserMarks {
  readonly userId: UserId
  readonly read: Mark
  readonly delivered: Mark
}

/**
 * How far users have read and received: registers that only grow.
 *
 * - `advance` with a smaller seq than the stored one changes nothing; it settles when durable.
 * - Reads of unknown marks give seq 0, ordinal 0.
 */
export interface Marks {
  advance(conversationId: ConversationId, userId: UserId, kind: MarkKind, mark: Mark): Promise<void>
  /** One user's marks, in the order asked. */
  readOwn(userId: UserId, conversationIds: readonly ConversationId[]): Promise<readonly UserMarks[]>
  /** Everybody's marks in one conversation, at most `limit`. */
  readAll(conversationId: ConversationId, limit: number): Promise<readonly UserMarks[]>
}
