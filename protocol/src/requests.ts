import { commandId } from './command-id.ts'
import { requestedCommand } from './commands.ts'
import {
  ATTACHMENT_STATES,
  attachmentId,
  conversationId,
  event,
  head,
  inboxEntry,
  member,
  seq,
  timeMs,
  user,
  userId,
} from './content.ts'
import { parseDeviceId } from './ids.ts'
import { LIMITS } from './limits.ts'
import {
  bytesAs,
  flag,
  integer,
  list,
  map,
  oneOf,
  optional,
  parsedText,
  text,
  tuple,
} from './schema/index.ts'
import type { Fields, Schema, ValueOf } from './schema/index.ts'

/** One kind of request: `[op, requestId, …fields]`, answered by `result` with `result`, or by `error`. */
export interface RequestDefinition<F extends Fields, Result> {
  readonly op: number
  readonly fields: F
  readonly result: Schema<Result>
}

function request<const F extends Fields, Result>(
  op: number,
  fields: F,
  result: Schema<Result>,
): RequestDefinition<F, Result> {
  return { op, fields, result }
}

const nothing = map({}, 'nothing')
const people = map({ users: list(user, 50) }, 'people')
const upTo = (max: number) => optional(integer(1, max))

/** Where a client stands in a conversation. */
const position = tuple({ conversationId, seq: integer(0) }, 'position')

const uploadPolicy = map(
  {
    maxBytes: integer(0),
    singlePutBytes: integer(0),
    partBytes: integer(0),
    maxPending: integer(0),
  },
  'upload policy',
)

/** What a session is told first. */
const welcome = map(
  {
    sessionId: text(32),
    user,
    serverTimeMs: timeMs,
    maxMessageBytes: integer(0),
    upload: uploadPolicy,
    /** The newest conversations that are not where the client's `heads` say; the rest comes by page. */
    conversations: list(inboxEntry, LIMITS.conversationsInWelcome),
    /** There are more that moved. */
    more: flag,
    /** Conversations of the client's `heads` that the user is not in any more. */
    gone: list(conversationId, LIMITS.headsPerHello),
  },
  'welcome',
)
export type Welcome = ValueOf<typeof welcome>

export const commandResult = map({ conversationId, seq: optional(seq), timeMs }, 'command result')
export type CommandResult = ValueOf<typeof commandResult>

export const eventPage = map(
  { events: list(event, LIMITS.pageSize), head, more: flag },
  'event page',
)
export type EventPage = ValueOf<typeof eventPage>

/** Where to PUT one part; part 0 is the whole file. */
const partUrl = map(
  { part: integer(0), url: text(4_096), sizeBytes: integer(0), expiresAtMs: timeMs },
  'part url',
)
export type PartUrl = ValueOf<typeof partUrl>

const partNumbers = list(integer(0), 2_000)

/** An upload as its owner sees it; `partCount` 0 means one PUT of the whole. */
export const uploadState = map(
  {
    attachmentId,
    state: oneOf(ATTACHMENT_STATES),
    version: integer(1),
    partCount: integer(0),
    partBytes: integer(0),
    missingParts: partNumbers,
    urls: list(partUrl, LIMITS.partUrlsPerRequest),
    /** Why not `ready`. */
    reason: optional(text(64)),
  },
  'upload',
)
export type UploadState = ValueOf<typeof uploadState>

const sha256 = bytesAs('SHA-256', (hash) => hash.length === 32, '32 bytes')

export const beginUpload = map(
  {
    attachmentId,
    conversationId: optional(conversationId),
    /** The other person, before their direct conversation exists. */
    to: optional(userId),
    name: text(LIMITS.fileNameBytes),
    sizeBytes: integer(0),
    contentType: text(LIMITS.contentTypeBytes),
    sha256: optional(sha256),
  },
  'file to upload',
)
export type BeginUpload = ValueOf<typeof beginUpload>

export const attachmentOfMessage = map(
  { conversationId, seq, attachmentId },
  'attachment of a message',
)
export const forwardAttachment = map(
  {
    /** Of the new attachment. */
    attachmentId,
    from: attachmentOfMessage,
    conversationId: optional(conversationId),
    to: optional(userId),
  },
  'file to forward',
)
export type ForwardAttachment = ValueOf<typeof forwardAttachment>

export const linkWanted = tuple(
  { conversationId, seq, attachmentId, variant: text(32) },
  'link wanted',
)
export type LinkWanted = ValueOf<typeof linkWanted>
/** A link, or the code of why there is none. */
export const linkAnswer = map(
  { url: optional(text(2_048)), expiresAtMs: optional(timeMs), error: optional(text(64)) },
  'link',
)
export type LinkAnswer = ValueOf<typeof linkAnswer>

export const presenceState = map({ userId, online: flag, lastSeenMs: optional(timeMs) }, 'presence')
export type PresenceState = ValueOf<typeof presenceState>

/** Every request a client can make. */
export const REQUESTS = {
  hello: request(
    10,
    {
      token: text(LIMITS.tokenBytes),
      deviceId: parsedText(
        'device id',
        parseDeviceId,
        '1 to 64 letters, digits, `_`, `-`, `.`, `:`',
      ),
      heads: optional(list(position, LIMITS.headsPerHello)),
    },
    welcome,
  ),
  auth: request(11, { token: text(LIMITS.tokenBytes) }, nothing),
  /** Exactly one of `conversationId` and `to` (the other person of a direct conversation). */
  command: request(
    12,
    {
      commandId,
      conversationId: optional(conversationId),
      command: requestedCommand,
      to: optional(userId),
      /** First command after a reconnect or a retryable refusal in this conversation. */
      restart: optional(flag),
    },
    commandResult,
  ),
  /** Replays what came after `seq`, as `hello` does: events, then `replayed`. */
  catch_up: request(13, { conversationId, seq: integer(0) }, nothing),
  /** A page of events around, before or after a seq; the newest page when none is given. */
  history: request(
    14,
    {
      conversationId,
      before: optional(seq),
      after: optional(integer(0)),
      around: optional(seq),
      limit: upTo(LIMITS.pageSize),
    },
    eventPage,
  ),
  /** Inbox lines, newest head first; `beforeMs` and `beforeId` = head time and id of the last line one has. */
  inbox: request(
    15,
    {
      beforeMs: optional(timeMs),
      limit: upTo(LIMITS.pageSize),
      beforeId: optional(conversationId),
    },
    map({ conversations: list(inboxEntry, LIMITS.pageSize), more: flag }, 'inbox page'),
  ),
  /** Exactly one of `conversationId` and `to` (the other person of a direct conversation). */
  conversation: request(
    16,
    { conversationId: optional(conversationId), to: optional(userId) },
    inboxEntry,
  ),
  members: request(
    17,
    { conversationId, after: optional(userId), limit: upTo(LIMITS.pageSize) },
    map({ members: list(member, LIMITS.pageSize), more: flag }, 'member page'),
  ),
  follow: request(18, { conversationId }, inboxEntry),
  unfollow: request(19, { conversationId }, nothing),
  people: request(20, { prefix: text(64), limit: upTo(50) }, people),
  users: request(21, { ids: list(userId, 50) }, people),
  update_profile: request(
    22,
    {
      profile: map(
        { name: user.fields.name, avatar: user.fields.avatar, data: user.fields.data },
        'profile',
      ),
    },
    user,
  ),
  /** Presence of these people from now on, as signals; replaces the previous list. */
  watch_presence: request(
    23,
    { ids: list(userId, 64) },
    map({ presence: list(presenceState, 64) }, 'presence list'),
  ),
  marks: request(
    24,
    { conversationId },
    map(
      {
        marks: list(
          tuple({ userId, read: integer(0), delivered: integer(0) }, 'member marks'),
          LIMITS.smallConversationMembers,
        ),
      },
      'marks',
    ),
  ),
  begin_upload: request(30, { upload: beginUpload }, uploadState),
  upload_parts: request(
    31,
    { attachmentId, parts: list(integer(0), LIMITS.partUrlsPerRequest) },
    uploadState,
  ),
  upload_status: request(32, { attachmentId }, uploadState),
  complete_upload: request(33, { attachmentId }, uploadState),
  abort_upload: request(34, { attachmentId }, uploadState),
  links: request(
    35,
    { wanted: list(linkWanted, LIMITS.linksPerRequest) },
    map({ links: list(linkAnswer, LIMITS.linksPerRequest) }, 'links'),
  ),
  /** A new attachment of bytes that a message has which the user may read. */
  forward_attachment: request(36, { forward: forwardAttachment }, uploadState),
} as const

export type RequestName = keyof typeof REQUESTS
export type ResultOf<Name extends RequestName> =
  (typeof REQUESTS)[Name] extends RequestDefinition<Fields, infer Result> ? Result : never
