import type { ConversationEvent, EventContent, Role, UserId } from '@satchel/protocol'
import { listWords } from './list-words.ts'

export interface NoticeContext {
  readonly myId: UserId
  readonly nameOf: (userId: UserId) => string
}

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  owner: 'an owner',
  admin: 'an admin',
  member: 'a member',
}

/** The line in a conversation about something that is not a message; `undefined`: not worth one. */
export function describeNotice(
  event: ConversationEvent,
  { myId, nameOf }: NoticeContext,
): string | undefined {
  const subject = (userId: UserId): string => (userId === myId ? 'You' : nameOf(userId))
  const object = (userId: UserId): string => (userId === myId ? 'you' : nameOf(userId))
  const who = subject(event.authorId)
  return describe(event.content, who, event.authorId, { subject, object })
}

interface Names {
  readonly subject: (userId: UserId) => string
  readonly object: (userId: UserId) => string
}

function describe(
  content: EventContent,
  who: string,
  authorId: UserId,
  { subject, object }: Names,
): string | undefined {
  switch (content.kind) {
    case 'conversation_created': {
      if (content.conversationKind === 'direct') return undefined
      const others = content.memberIds.filter((id) => id !== authorId).map(object)
      return `${who} created the ${content.conversationKind}${others.length === 0 ? '' : ` with ${listWords(others, 5)}`}`
    }
    case 'conversation_updated':
      return content.title === undefined
        ? `${who} changed the settings`
        : `${who} named the conversation “${content.title}”`
    case 'conversation_deleted':
      return `${who} deleted the conversation`
    case 'members_added':
      return content.userIds.length === 1 && content.userIds[0] === authorId
        ? `${who} joined`
        : `${who} added ${listWords(content.userIds.map(object), 5)}`
    case 'member_removed':
      return `${who} removed ${object(content.userId)}`
    case 'member_left':
      return `${who} left`
    case 'role_changed': {
      const verb = subject(content.userId) === 'You' ? 'are' : 'is'
      return `${subject(content.userId)} ${verb} now ${ROLE_WORDS[content.role]}`
    }
    case 'message_pinned':
      return `${who} pinned a message`
    case 'message_unpinned':
      return `${who} unpinned a message`
    case 'user_erased':
      return 'An account was deleted'
    case 'message_sent':
    case 'message_edited':
    case 'message_deleted':
    case 'reaction_changed':
    case 'attachment_updated':
      return undefined
    default:
      return unknownKind(content)
  }
}

// The codec has refused kinds this client does not know.
function unknownKind(_: never): undefined {
  return undefined
}
