import type { ConversationEvent, UserId } from '@satchel/protocol'

/** Who is no member since this event. */
export function leaverOf({
  content,
  authorId,
}: Pick<ConversationEvent, 'content' | 'authorId'>): UserId | undefined {
  switch (content.kind) {
    case 'member_left':
      return authorId
    case 'member_removed':
    case 'user_erased':
      return content.userId
    default:
      return undefined
  }
}
