import type { ConversationEvent, EventContent, EventKind, Role, UserId } from '@satchel/protocol'
import { listWords } from './list-words.ts'

export interface NoticeContext {
  readonly myId: UserId
  readonly nameOf: (userId: UserId) => string
  /** What the conversation was called until then, where that is known. */
  readonly titleBefore?: string | undefined
}

interface Sentence {
  readonly who: string
  readonly authorId: UserId
  /** A person at the beginning of a sentence, and inside one. */
  readonly subject: (userId: UserId) => string
  readonly object: (userId: UserId) => string
  readonly isMe: (userId: UserId) => boolean
  readonly titleBefore: string | undefined
}

type ContentOf<Kind extends EventKind> = Extract<EventContent, { readonly kind: Kind }>
type Describers = {
  readonly [Kind in EventKind]: (content: ContentOf<Kind>, sentence: Sentence) => string | undefined
}

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  owner: 'an owner',
  admin: 'an admin',
  member: 'a member',
}

const PEOPLE_SHOWN = 5
const nothing = (): undefined => undefined

const DESCRIBERS: Describers = {
  conversation_created({ conversationKind, memberIds }, { who, authorId, object }) {
    if (conversationKind === 'direct') return undefined
    const others = memberIds.filter((id) => id !== authorId).map(object)
    const company = others.length === 0 ? '' : ` with ${listWords(others, PEOPLE_SHOWN)}`
    return `${who} created the ${conversationKind}${company}`
  },
  // The event says how everything is afterwards, not what of it is new.
  conversation_updated({ title }, { who, titleBefore }) {
    if (title === undefined || title === titleBefore) return `${who} changed the settings`
    return titleBefore === undefined
      ? `${who} changed the name or settings`
      : `${who} changed the name to “${title}”`
  },
  conversation_deleted: (_, { who }) => `${who} deleted the conversation`,
  members_added: ({ userIds }, { who, authorId, object }) =>
    userIds.length === 1 && userIds[0] === authorId
      ? `${who} joined`
      : `${who} added ${listWords(userIds.map(object), PEOPLE_SHOWN)}`,
  member_removed: ({ userId }, { who, object }) => `${who} removed ${object(userId)}`,
  member_left: (_, { who }) => `${who} left`,
  role_changed: ({ userId, role }, { subject, isMe }) =>
    `${subject(userId)} ${isMe(userId) ? 'are' : 'is'} now ${ROLE_WORDS[role]}`,
  message_pinned: (_, { who }) => `${who} pinned a message`,
  message_unpinned: (_, { who }) => `${who} unpinned a message`,
  user_erased: () => 'An account was deleted',
  message_sent: nothing,
  message_edited: nothing,
  message_deleted: nothing,
  reaction_changed: nothing,
  attachment_updated: nothing,
  unknown: nothing,
}

/** The line in a conversation about something that is not a message; `undefined`: not worth one. */
export function describeNotice(
  { content, authorId }: ConversationEvent,
  { myId, nameOf, titleBefore }: NoticeContext,
): string | undefined {
  const isMe = (userId: UserId): boolean => userId === myId
  const subject = (userId: UserId): string => (isMe(userId) ? 'You' : nameOf(userId))
  const object = (userId: UserId): string => (isMe(userId) ? 'you' : nameOf(userId))
  const who = subject(authorId)
  return describe(content, { who, authorId, subject, object, isMe, titleBefore })
}

function describe<Kind extends EventKind>(
  content: ContentOf<Kind> & { readonly kind: Kind },
  sentence: Sentence,
): string | undefined {
  return DESCRIBERS[content.kind](content, sentence)
}
