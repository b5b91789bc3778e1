import { ChatError, type ConversationId, type Role, type Seq, type UserId } from '@satchel/protocol'
import type { MemberSettings } from '@satchel/protocol'
import { hasStrictLinks } from '../domain/has-strict-links.ts'
import { opensHistory } from '../domain/opens-history.ts'
import type { Followers } from '../ports/followers.ts'
import type { ConversationOverview, Members } from '../ports/members.ts'

export interface ReaderDeps {
  readonly members: Members
  readonly followers: Followers
}

/** Somebody who may read a conversation, and from where. */
export interface Reader {
  readonly userId: UserId
  readonly conversationId: ConversationId
  readonly overview: ConversationOverview
  /** Absent for followers of a channel. */
  readonly role: Role | undefined
  readonly joinedSeq: Seq
  readonly memberSettings: MemberSettings
  /** Events up to and including this seq are not for this reader. */
  readonly hiddenUpTo: Seq
  /** Links to media are given to nobody unasked, and hold for minutes. */
  readonly strictLinks: boolean
}

/**
 * The one check before every read. Who is neither member nor follower learns nothing: an unknown
 * conversation and somebody else's are refused alike, with `not_a_member`. While it cannot be told, it
 * rejects with `unavailable`.
 */
export async function requireReader(
  deps: ReaderDeps,
  userId: UserId,
  conversationId: ConversationId,
): Promise<Reader> {
  const { overview, member } = (await deps.members.membership(conversationId, userId)) ?? {}
  if (overview !== undefined && member !== undefined) {
    const { role, joinedSeq, settings: memberSettings } = member
    return {
      userId,
      conversationId,
      overview,
      role,
      joinedSeq,
      memberSettings,
      hiddenUpTo: hiddenUpTo(overview, joinedSeq),
      strictLinks: hasStrictLinks(overview.details),
    }
  }
  const follower =
    overview?.head.kind === 'channel'
      ? await deps.followers.read(conversationId, userId)
      : undefined
  if (overview === undefined || follower === undefined || overview.head.deleted) {
    throw new ChatError(
      'not_a_member',
      `user ${userId} is not a member of conversation ${conversationId}`,
    )
  }
  const { joinedSeq } = follower
  return {
    userId,
    conversationId,
    overview,
    role: undefined,
    joinedSeq,
    memberSettings: {},
    hiddenUpTo: 0,
    strictLinks: hasStrictLinks(overview.details),
  }
}

/** Newcomers see from the event that brought them in, unless the conversation opens its history. */
function hiddenUpTo({ head, details }: ConversationOverview, joinedSeq: Seq): Seq {
  return opensHistory(head, details) ? 0 : joinedSeq - 1
}
