import { ChatError, type ConversationId, type InboxEntry, type UserId } from '@satchel/protocol'
import { readConversation, type InboxDeps } from './read-inbox.ts'

/** Makes the user a reader of a channel, from its head on; who follows it already reads on where they were. */
export async function followChannel(
  deps: InboxDeps,
  userId: UserId,
  conversationId: ConversationId,
): Promise<InboxEntry> {
  const overview = await deps.members.overview(conversationId)
  if (overview?.head.kind !== 'channel' || overview.head.deleted) {
    throw new ChatError('no_such_conversation', `no channel has the id ${conversationId}`)
  }
  if ((await deps.followers.read(conversationId, userId)) === undefined) {
    const { seq, ordinal } = overview.head
    await deps.followers.follow(conversationId, userId, seq)
    await deps.marks.advance(conversationId, userId, 'read', { seq, ordinal })
  }
  return readConversation(deps, userId, conversationId)
}

export async function unfollowChannel(
  deps: InboxDeps,
  userId: UserId,
  conversationId: ConversationId,
): Promise<void> {
  await deps.followers.unfollow(conversationId, userId)
}
