import type {
  ConversationEvent,
  EventContent,
  InboxEntry,
  Mark,
  MessageBody,
  UserId,
} from '@satchel/protocol'
import { leaverOf } from './leaver-of.ts'

const MENTIONS_MAX = 100

/** An inbox line after the next event of its conversation; `undefined` when the line is no longer the user's. */
export function applyToEntry(
  entry: InboxEntry,
  event: ConversationEvent,
  myId: UserId | undefined,
): InboxEntry | undefined {
  const { content } = event
  const moved = withHead(entry, event)
  if ('target' in content) return applyToTarget(moved, content, event.seq)
  switch (content.kind) {
    case 'message_sent':
      return applyMessage(moved, { ...event, content }, myId)
    case 'conversation_updated': {
      const { title, avatar, data, settings } = content
      return { ...moved, title, avatar, data, settings }
    }
    case 'members_added':
    case 'member_removed':
    case 'member_left':
    case 'role_changed':
    case 'user_erased':
      return applyMembership(moved, content, {
        authorId: event.authorId,
        myId,
        // A line that was read later than the event has counted it.
        isCounted: event.seq <= entry.head.seq,
      })
    case 'conversation_deleted':
      return undefined
    case 'conversation_created':
    case 'unknown':
      return moved
    default:
      return unknownKind(content)
  }
}

/** An event says that the last message reads differently, and not how. */
export function isOutdatedBy(
  { lastMessage }: InboxEntry,
  { seq, content }: ConversationEvent,
): boolean {
  if (content.kind !== 'message_edited' || content.body !== undefined) return false
  if (lastMessage?.seq !== content.target || lastMessage.content.kind !== 'message_sent')
    return false
  const { version, deleted } = lastMessage.content.body
  return deleted !== true && version < seq
}

function withHead(entry: InboxEntry, { seq, ordinal, timeMs }: ConversationEvent): InboxEntry {
  return seq > entry.head.seq ? { ...entry, head: { seq, ordinal, timeMs } } : entry
}

/** The line after the user has read up to `read`. `mentions` counts those above it, as far as known. */
export function applyRead(entry: InboxEntry, read: Mark, mentions: number): InboxEntry {
  if (read.seq <= entry.read.seq) return entry
  return { ...entry, read, unread: unreadOf(entry, read), mentions }
}

/** Two readings of one line: the newer head, the further mark. */
export function mergeEntries(known: InboxEntry, arrived: InboxEntry): InboxEntry {
  const newer = arrived.head.seq >= known.head.seq ? arrived : known
  const read = arrived.read.seq >= known.read.seq ? arrived.read : known.read
  const mentions = arrived.read.seq >= known.read.seq ? arrived.mentions : known.mentions
  return { ...newer, read, mentions, unread: unreadOf(newer, read) }
}

function applyMessage(
  entry: InboxEntry,
  event: ConversationEvent & { readonly content: { readonly kind: 'message_sent' } },
  myId: UserId | undefined,
): InboxEntry {
  const isNewest = event.seq >= (entry.lastMessage?.seq ?? 0)
  const shown = isNewest ? { ...entry, lastMessage: event } : entry
  // Sending is reading: the server sets the mark as well.
  if (event.authorId === myId) {
    return applyRead(shown, { seq: event.seq, ordinal: event.ordinal }, 0)
  }
  if (event.seq <= entry.read.seq) return shown
  const { mentions = [], mentionAll } = event.content.body
  const isMentioned = mentionAll === true || (myId !== undefined && mentions.includes(myId))
  return {
    ...shown,
    unread: unreadOf(shown, shown.read),
    mentions: Math.min(shown.mentions + (isMentioned ? 1 : 0), MENTIONS_MAX),
  }
}

/** What happened to one of its messages. */
function applyToTarget(
  entry: InboxEntry,
  content: Extract<EventContent, { readonly target: number }>,
  seq: number,
): InboxEntry {
  switch (content.kind) {
    case 'message_edited':
      return changeLastMessage(entry, content.target, content.body)
    case 'message_deleted':
      return changeLastMessage(entry, content.target, { version: seq, deleted: true })
    case 'message_pinned':
      return { ...entry, pins: [...withoutPin(entry, content.target), content.target] }
    case 'message_unpinned':
      return { ...entry, pins: withoutPin(entry, content.target) }
    case 'reaction_changed':
    case 'attachment_updated':
      return entry
    default:
      return unknownKind(content)
  }
}

type MembershipKind =
  'members_added' | 'member_removed' | 'member_left' | 'role_changed' | 'user_erased'

interface MembershipChange {
  readonly authorId: UserId
  readonly myId: UserId | undefined
  /** Whether the line's number of members is of after the event. */
  readonly isCounted: boolean
}

function applyMembership(
  entry: InboxEntry,
  content: Extract<EventContent, { readonly kind: MembershipKind }>,
  { authorId, myId, isCounted }: MembershipChange,
): InboxEntry | undefined {
  if (content.kind === 'members_added') {
    return isCounted ? entry : { ...entry, memberCount: entry.memberCount + content.userIds.length }
  }
  if (content.kind === 'role_changed')
    return content.userId === myId ? { ...entry, role: content.role } : entry
  if (leaverOf({ content, authorId }) === myId) return undefined
  return isCounted ? entry : { ...entry, memberCount: Math.max(entry.memberCount - 1, 0) }
}

function changeLastMessage(
  entry: InboxEntry,
  target: number,
  body: MessageBody | undefined,
): InboxEntry {
  const last = entry.lastMessage
  if (body === undefined || last?.seq !== target) return entry
  if (last.content.kind !== 'message_sent' || last.content.body.version >= body.version) {
    return entry
  }
  return { ...entry, lastMessage: { ...last, content: { ...last.content, body } } }
}

function unreadOf(entry: InboxEntry, read: Mark): number {
  return Math.max(entry.head.ordinal - read.ordinal, 0)
}

function withoutPin(entry: InboxEntry, target: number): readonly number[] {
  return (entry.pins ?? []).filter((seq) => seq !== target)
}

// The codec has left out what this client does not know.
function unknownKind(content: never): never {
  throw new TypeError(`unknown event ${JSON.stringify(content)}`)
}
