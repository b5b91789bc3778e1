import type { ConversationId, Seq, UserId } from '@satchel/protocol'

export interface InboxRow {
  readonly conversationId: ConversationId
  readonly joinedSeq: Seq
}

/** Which conversations a user is a member of, in no order. Written by owners' commits. */
export interface Inbox {
  /** At most `limit` rows after `after` (by conversation id). */
  list(
    userId: UserId,
    options: { readonly after?: ConversationId | undefined; readonly limit: number },
  ): Promise<readonly InboxRow[]>
}
