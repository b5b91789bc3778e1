import type { ConversationId, Seq, UserId } from '@satchel/protocol'

export interface FollowedRow {
  readonly conversationId: ConversationId
  /** The channel's head when following began. */
  readonly joinedSeq: Seq
}

/** Readers of channels: plain rows, no log. Following twice, or unfollowing what one does not follow, changes nothing. */
export interface Followers {
  follow(conversationId: ConversationId, userId: UserId, joinedSeq: Seq): Promise<void>
  unfollow(conversationId: ConversationId, userId: UserId): Promise<void>
  read(conversationId: ConversationId, userId: UserId): Promise<FollowedRow | undefined>
  following(userId: UserId, limit: number): Promise<readonly FollowedRow[]>
}
