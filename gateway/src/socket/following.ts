import type { ConversationId, InboxEntry, UserId } from '@satchel/protocol'
import { followChannel, requireReader, unfollowChannel, type InboxDeps } from '@satchel/chat-core'
import type { Audiences } from './audiences.ts'
import type { SessionTable } from './session-table.ts'

export interface FollowingDeps {
  readonly queries: InboxDeps
  readonly audiences: Audiences
  readonly sessions: SessionTable
}

/** No event tells of following, so the user's sessions get their seats here. */
export async function follow(
  deps: FollowingDeps,
  userId: UserId,
  conversationId: ConversationId,
): Promise<InboxEntry> {
  const entry = await followChannel(deps.queries, userId, conversationId)
  const reader = await requireReader(deps.queries, userId, conversationId)
  for (const session of deps.sessions.of(userId)) {
    if (!session.seats.has(conversationId))
      deps.audiences.join(session, { ...reader, head: reader.overview.head })
  }
  return entry
}

export async function unfollow(
  deps: FollowingDeps,
  userId: UserId,
  conversationId: ConversationId,
): Promise<void> {
  await unfollowChannel(deps.queries, userId, conversationId)
  const member = await deps.queries.members.read(conversationId, userId)
  if (member === undefined) deps.audiences.leave(userId, conversationId)
}
