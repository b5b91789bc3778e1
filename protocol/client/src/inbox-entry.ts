import type { ConversationEvent, InboxEntry, Mark, UserId } from '@satchel/protocol'

const MENTIONS_MAX = 100

/** An inbox line after the next event of its conversation; `undefined` when the line is no longer the user's. */
export function applyToEntry(
  entry: InboxEntry,
  event: ConversationEvent,
  myId: UserId | undefined,
): InboxEntry | undefined {
  const isMine = event.authorId === myId
  const { content } = event
  const head = {
    seq: event.seq,
    ordinal: event.ordinal,
    timeMs: event.timeMs,
  }
  const moved = event.seq > entry.head.seq ? { ...entry, head } : entry
  switch (content.kind) {
    case 'message_sent':
      return applyMessage(moved, { ...event, content }, isMine, myId)
    case 'message_edited': {
      const { body, target } = content
      return body === undefined ? moved : changeLastMessage(moved, target, body)
    }
    case 'message_deleted':
      return changeLastMessage(moved, content.target, { version: event.seq, deleted: true })
    case 'conversation_updated': {
      const { title, avatar, data, settings } = content
      return {
        ...moved,
        title: title ?? moved.title,
        avatar: avatar ?? moved.avatar,
        data: data ?? moved.data,
        settings: settings === undefined ? moved.settings : { ...moved.settings, ...settings },
      }
    }
    case 'members_added':
      return { ...moved, memberCount: moved.memberCount + content.userIds.length }
    case 'member_removed':
      return content.userId === myId ? undefined : oneLess(moved)
    case 'member_left':
      return isMine ? undefined : oneLess(moved)
    case 'role_changed':
      return content.userId === myId ? { ...moved, role: content.role } : moved
    case 'message_pinned':
      return { ...moved, pins: [...withoutPin(moved, content.target), content.target] }
    case 'message_unpinned':
      return { ...moved, pins: withoutPin(moved, content.target) }
    case 'conversation_deleted':
      return undefined
    case 'conversation_created':
    case 'reaction_changed':
    case 'attachment_updated':
    case 'user_erased':
      return moved
    default:
      return unknownKind(moved, content)
  }
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
  isMine: boolean,
  myId: UserId | undefined,
): InboxEntry {
  const isNewest = event.seq >= (entry.lastMessage?.seq ?? 0)
  const shown = isNewest ? { ...entry, lastMessage: event } : entry
  // Sending is reading: the server sets the mark as well.
  if (isMine) return applyRead(shown, { seq: event.seq, ordinal: event.ordinal }, 0)
  if (event.seq <= entry.read.seq) return shown
  const { mentions = [], mentionAll } = event.content.body
  const isMentioned = mentionAll === true || (myId !== undefined && mentions.includes(myId))
  return {
    ...shown,
    unread: unreadOf(shown, shown.read),
    mentions: Math.min(shown.mentions + (isMentioned ? 1 : 0), MENTIONS_MAX),
  }
}

function changeLastMessage(
  entry: InboxEntry,
  target: number,
  body: { readonly version: number; readonly deleted?: boolean | undefined },
): InboxEntry {
  const last = entry.lastMessage
  if (last?.seq !== target || last.content.kind !== 'message_sent') return entry
  if (last.content.body.version >= body.version) return entry
  return { ...entry, lastMessage: { ...last, content: { ...last.content, body } } }
}

function unreadOf(entry: InboxEntry, read: Mark): number {
  return Math.max(entry.head.ordinal - read.ordinal, 0)
}

function withoutPin(entry: InboxEntry, target: number): readonly number[] {
  return (entry.pins ?? []).filter((seq) => seq !== target)
}

function oneLess(entry: InboxEntry): InboxEntry {
  return { ...entry, memberCount: Math.max(entry.memberCount - 1, 0) }
}

// The codec has refused kinds this client does not know.
function unknownKind(entry: InboxEntry, _: never): InboxEntry {
  return entry
}
