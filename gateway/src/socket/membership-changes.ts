import type { ConversationEvent, UserId } from '@satchel/protocol'

/** Who comes and who goes with an event. */
export interface MembershipChanges {
  readonly added: readonly UserId[]
  readonly removed: readonly UserId[]
  /** Nobody is left. */
  readonly isEnd: boolean
}

/** `undefined` for the many events that change nobody's membership. */
export function membershipChanges(event: ConversationEvent): MembershipChanges | undefined {
  const { content } = event
  switch (content.kind) {
    case 'conversation_created':
      return { added: content.memberIds, removed: [], isEnd: false }
    case 'members_added':
      return { added: content.userIds, removed: [], isEnd: false }
    case 'member_removed':
    case 'user_erased':
      return { added: [], removed: [content.userId], isEnd: false }
    case 'member_left':
      return { added: [], removed: [event.authorId], isEnd: false }
    case 'conversation_deleted':
      return { added: [], removed: [], isEnd: true }
    default:
      // Everything else is about messages and settings.
      return undefined
  }
}
