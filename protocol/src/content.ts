import { commandId } from './command-id.ts'
import { CONVERSATION_KINDS, isConversationId, parseUserId } from './ids.ts'
import type { AttachmentId, BlobKey, ConversationId } from './ids.ts'
import { LIMITS } from './limits.ts'
import {
  bytes,
  bytesAs,
  flag,
  integer,
  json,
  list,
  map,
  oneOf,
  optional,
  parsedText,
  text,
  tuple,
  variants,
} from './schema/index.ts'
import type { ValueOf } from './schema/index.ts'

// The nouns that frames, stored rows and the HTTP API share.

const utf8 = new TextEncoder()

export const userId = parsedText('user id', parseUserId, '1 to 64 bytes, no control characters')
export const conversationId = bytesAs<ConversationId>(
  'conversation id',
  isConversationId,
  '16 bytes, the first four bits name its kind',
)
export const attachmentId = bytesAs<AttachmentId>('attachment id', is16Bytes, '16 bytes')
const blobKey = bytesAs<BlobKey>('blob key', is16Bytes, '16 bytes')
export const seq = integer(1)
export const timeMs = integer(0)
export const emoji = parsedText(
  'emoji',
  parseEmoji,
  `1 to ${String(LIMITS.emojiBytes)} bytes, no spaces or control characters`,
)
export const conversationKind = oneOf(CONVERSATION_KINDS)

/** Roles of members; a channel's followers have none. */
const ROLES = ['owner', 'admin', 'member'] as const
export type Role = (typeof ROLES)[number]
export const role = oneOf(ROLES)

const conversationSettings = map(
  {
    membersCanAdd: optional(flag),
    membersCanPin: optional(flag),
    /** Newcomers see what was said before they joined. */
    historyForNewcomers: optional(flag),
    /** Links to media hold for minutes, and none ride along in messages. */
    strictLinks: optional(flag),
  },
  'conversation settings',
)
export type ConversationSettings = ValueOf<typeof conversationSettings>

/** What a conversation is called and how it behaves; all of it may change. */
export const conversationDetails = map(
  {
    title: optional(text(LIMITS.titleCharacters, 'characters')),
    avatar: optional(text(512)),
    data: optional(json(LIMITS.dataBytes)),
    settings: optional(conversationSettings),
  },
  'conversation details',
)
export type ConversationDetails = ValueOf<typeof conversationDetails>

export const memberSettings = map({ mutedUntilMs: optional(timeMs) }, 'member settings')
export type MemberSettings = ValueOf<typeof memberSettings>

/** `uploading → processing → ready | rejected | failed | expired`. */
export const ATTACHMENT_STATES = [
  'uploading',
  'processing',
  'ready',
  'rejected',
  'failed',
  'expired',
] as const
export type AttachmentState = (typeof ATTACHMENT_STATES)[number]

/** Something derived from a blob, or (`original`) the blob itself. `link` is present where it rides along. */
const variant = map(
  {
    name: text(32),
    contentType: text(LIMITS.contentTypeBytes),
    sizeBytes: integer(0),
    width: optional(integer(1)),
    height: optional(integer(1)),
    link: optional(text(1_024)),
  },
  'variant',
)
export type Variant = ValueOf<typeof variant>

/** What the sender says about an attachment of a message; the rest comes from its upload. */
const attachmentWords = {
  alt: optional(text(LIMITS.altCharacters, 'characters')),
  caption: optional(text(LIMITS.captionCharacters, 'characters')),
  spoiler: optional(flag),
}
export const attachmentReference = map(
  { id: attachmentId, ...attachmentWords },
  'attachment reference',
)
export type AttachmentReference = ValueOf<typeof attachmentReference>

/** What is known of an attachment's bytes. `version` grows with every change and orders copies. */
const attachmentFacts = {
  version: integer(1),
  state: oneOf(ATTACHMENT_STATES),
  name: text(LIMITS.fileNameBytes),
  sizeBytes: integer(0),
  /** What the client claimed, until the real type is known. */
  contentType: text(LIMITS.contentTypeBytes),
  /** Why the state is `rejected`, `failed` or `expired`, or why there are no previews. */
  reason: optional(text(64)),
  width: optional(integer(1)),
  height: optional(integer(1)),
  durationMs: optional(integer(0)),
  thumbhash: optional(bytes(64)),
  waveform: optional(bytes(256)),
  blob: optional(blobKey),
  pipelineVersion: optional(integer(1)),
  variants: optional(list(variant, 16)),
}

/** An attachment as readers see it: a part of its message, ordered by `version`. */
export const attachment = map(
  { id: attachmentId, ...attachmentFacts, ...attachmentWords },
  'attachment',
)
export type Attachment = ValueOf<typeof attachment>

/** The part of a message that edits and deletion change; `version` = seq of its last change. */
export const messageBody = map(
  {
    version: seq,
    text: optional(text(LIMITS.textBytes)),
    mentions: optional(list(userId, LIMITS.mentionsPerMessage)),
    mentionAll: optional(flag),
    data: optional(json(LIMITS.dataBytes)),
    deleted: optional(flag),
  },
  'message body',
)
export type MessageBody = ValueOf<typeof messageBody>

/** Who reacted with one emoji: in small conversations by name, otherwise as a number. */
export const reactionCount = map(
  {
    emoji,
    count: integer(1),
    userIds: optional(list(userId, LIMITS.smallConversationMembers)),
    mine: optional(flag),
  },
  'reaction',
)
export type ReactionCount = ValueOf<typeof reactionCount>

/** What happened, by kind. */
export const eventContent = variants('event content', {
  conversation_created: map({
    conversationKind,
    ...conversationDetails.fields,
    memberIds: list(userId, LIMITS.membersPerCommand + 1),
  }),
  conversation_updated: conversationDetails,
  conversation_deleted: map({}),
  members_added: map({ userIds: list(userId, LIMITS.membersPerCommand) }),
  member_removed: map({ userId }),
  member_left: map({}),
  role_changed: map({ userId, role }),
  message_sent: map({
    body: messageBody,
    attachments: optional(list(attachment, LIMITS.attachmentsPerMessage)),
    replyTo: optional(seq),
    silent: optional(flag),
    /** In pages and catching up: the reactions at the time of reading. */
    reactions: optional(list(reactionCount, LIMITS.reactionKindsPerMessage)),
  }),
  /** `body` is absent when the target is part of the same catching up, or was said before the reader joined. */
  message_edited: map({ target: seq, body: optional(messageBody) }),
  message_deleted: map({ target: seq }),
  message_pinned: map({ target: seq }),
  message_unpinned: map({ target: seq }),
  reaction_changed: map({ target: seq, emoji, removed: optional(flag) }),
  /** `attachment` is absent where an edit's `body` is. */
  attachment_updated: map({ target: seq, attachment: optional(attachment) }),
  user_erased: map({ userId }),
  /** Never sent: what a client makes of a kind that its version does not have. It keeps its seq. */
  unknown: map({}),
})
export type EventContent = ValueOf<typeof eventContent>
export type EventKind = EventContent['kind']

/**
 * An event of a conversation. `ordinal` counts the messages up to and including it.
 * `commandId` is there only for the devices of the author.
 */
export const event = tuple(
  {
    seq,
    ordinal: integer(0),
    timeMs,
    authorId: userId,
    content: eventContent,
    commandId: optional(commandId),
  },
  'event',
)
export type ConversationEvent = ValueOf<typeof event>

export const head = map({ seq: integer(0), ordinal: integer(0), timeMs }, 'head')
export type Head = ValueOf<typeof head>

/** How far a user has read or received. */
export const mark = map({ seq: integer(0), ordinal: integer(0) }, 'mark')
export type Mark = ValueOf<typeof mark>

export const member = map({ userId, role, joinedSeq: integer(0) }, 'member')
export type Member = ValueOf<typeof member>

export const user = map(
  {
    id: userId,
    name: optional(text(LIMITS.nameCharacters, 'characters')),
    avatar: optional(text(512)),
    data: optional(json(LIMITS.dataBytes)),
  },
  'user',
)
export type User = ValueOf<typeof user>

/** One line of a user's inbox. */
export const inboxEntry = map(
  {
    conversationId,
    conversationKind,
    ...conversationDetails.fields,
    /** Absent for followers of a channel. */
    role: optional(role),
    joinedSeq: integer(0),
    memberCount: integer(0),
    /** The other person of a direct conversation. */
    peerId: optional(userId),
    memberSettings: optional(memberSettings),
    pins: optional(list(seq, LIMITS.pinsPerConversation)),
    head,
    read: mark,
    unread: integer(0),
    /** Above the read mark; 100 means more than 99. */
    mentions: integer(0, 100),
    lastMessage: optional(event),
    deleted: optional(flag),
  },
  'inbox entry',
)
export type InboxEntry = ValueOf<typeof inboxEntry>

function is16Bytes(bytes: Uint8Array): boolean {
  return bytes.length === 16
}

function parseEmoji(candidate: string): string | undefined {
  const size = utf8.encode(candidate).length
  return size > 0 && size <= LIMITS.emojiBytes && !/[\s\p{Cc}]/u.test(candidate)
    ? candidate
    : undefined
}
