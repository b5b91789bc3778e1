import {
  attachmentId,
  conversationId,
  event,
  head,
  mark,
  memberSettings,
  reactionCount,
  seq,
  userId,
} from './content.ts'
import { LIMITS } from './limits.ts'
import { REQUESTS, presenceState } from './requests.ts'
import type { RequestDefinition, RequestName } from './requests.ts'
import { flag, integer, list, map, oneOf, optional, text, tuple } from './schema/index.ts'
import type { Fields, RecordOf } from './schema/index.ts'

const requestId = integer(1, 0xffff_ffff)

export const ACTIVITIES = ['typing', 'recording', 'uploading', 'none'] as const
const activity = oneOf(ACTIVITIES)
export type Activity = (typeof ACTIVITIES)[number]

export const MARK_KINDS = ['read', 'delivered'] as const
export type MarkKind = (typeof MARK_KINDS)[number]

/** What a client sends without expecting an answer: `[op, …fields]`. All of it may be lost. */
export const CLIENT_SIGNALS = {
  mark: { op: 60, fields: { conversationId, mark: oneOf(MARK_KINDS), seq } },
  activity: { op: 61, fields: { conversationId, activity } },
  /** The sender's progress of an upload that is in a message already. */
  upload_progress: { op: 62, fields: { attachmentId, sentBytes: integer(0) } },
  pong: { op: 63, fields: {} },
} as const

/** What a server answers: `[op, requestId, …fields]`. */
export const ANSWERS = {
  result: { op: 0, fields: { requestId, value: unchecked() } },
  error: {
    op: 1,
    fields: {
      requestId,
      code: text(64),
      message: text(1_024),
      details: map(
        {
          retryAfterMs: optional(integer(0)),
          remaining: optional(integer(0)),
          limit: optional(integer(0)),
          field: optional(text(256)),
          missingParts: optional(list(integer(0), 2_000)),
        },
        'error details',
      ),
    },
  },
  /** The command is durable, its final answer will follow or must be asked for again. */
  accepted: { op: 2, fields: { requestId } },
} as const

/** What a server sends of itself: `[op, …fields]`. */
export const PUSHES = {
  event: { op: 80, fields: { conversationId, event } },
  /** The replay of this conversation has come to `seq`. */
  replayed: { op: 81, fields: { conversationId, seq: integer(0) } },
  /** Too much was missed in this conversation: drop its copy, load the last page. */
  gap_too_large: { op: 82, fields: { conversationId, head } },
  /** This conversation cannot be replayed at the moment; its events will follow. */
  behind: { op: 83, fields: { conversationId } },
  /** Everything missed has been sent; what follows is live. */
  caught_up: { op: 84, fields: {} },
  /** Where conversations stand; who has less asks with `catch_up`. */
  heads: {
    op: 85,
    fields: {
      heads: list(
        tuple({ conversationId, seq: integer(0), ordinal: integer(0) }, 'conversation head'),
        LIMITS.maxArrayLength,
      ),
    },
  },
  activity: { op: 86, fields: { conversationId, userId, activity } },
  presence: { op: 87, fields: { presence: list(presenceState, 64) } },
  mark: { op: 88, fields: { conversationId, userId, kind: oneOf(MARK_KINDS), mark } },
  upload_progress: {
    op: 89,
    fields: { conversationId, attachmentId, sentBytes: integer(0), sizeBytes: integer(0) },
  },
  /** Reactions to one message of a large conversation, as they are now. */
  reactions: {
    op: 90,
    fields: {
      conversationId,
      target: seq,
      reactions: list(reactionCount, LIMITS.reactionKindsPerMessage),
    },
  },
  /** For the user's own devices: their settings in a conversation. */
  member_settings: { op: 91, fields: { conversationId, settings: memberSettings } },
  ping: { op: 92, fields: {} },
  /** The server is leaving: reconnect after the delay. */
  goaway: { op: 93, fields: { delayMs: integer(0) } },
  /** The session fell behind and dropped live events; heads follow, and the client pulls. */
  lagging: { op: 94, fields: { lagging: flag } },
} as const

type Definition = { readonly op: number; readonly fields: Fields }
type FramesOf<Table extends Readonly<Record<string, Definition>>> = {
  [Name in keyof Table]: { readonly type: Name } & RecordOf<Table[Name]['fields']>
}[keyof Table]

export type RequestFrame = {
  [Name in RequestName]: { readonly type: Name; readonly requestId: number } & RecordOf<
    (typeof REQUESTS)[Name] extends RequestDefinition<infer F, unknown> ? F : never
  >
}[RequestName]
export type RequestFrameOf<Name extends RequestName> = Extract<
  RequestFrame,
  { readonly type: Name }
>
export type ClientSignal = FramesOf<typeof CLIENT_SIGNALS>
export type ClientFrame = RequestFrame | ClientSignal
export type AnswerFrame = FramesOf<typeof ANSWERS>
export type PushFrame = FramesOf<typeof PUSHES>
export type PushFrameOf<Name extends PushFrame['type']> = Extract<
  PushFrame,
  { readonly type: Name }
>
export type ServerFrame = AnswerFrame | PushFrame

/** A frame's layout: its op, then these fields by position. */
export interface FrameLayout {
  readonly type: string
  readonly op: number
  readonly fields: Fields
}

function layoutsOf(
  table: Readonly<Record<string, Definition>>,
  leading: Fields = {},
): readonly FrameLayout[] {
  return Object.entries(table).map(([type, { op, fields }]) => ({
    type,
    op,
    fields: { ...leading, ...fields },
  }))
}

/** Everything a client may send. */
export const CLIENT_FRAMES: readonly FrameLayout[] = [
  ...layoutsOf(REQUESTS, { requestId }),
  ...layoutsOf(CLIENT_SIGNALS),
]
/** Everything a server may send. */
export const SERVER_FRAMES: readonly FrameLayout[] = [...layoutsOf(ANSWERS), ...layoutsOf(PUSHES)]

/** A result's value: its request's `result` schema has formatted it and will parse it. */
function unchecked() {
  return {
    name: 'result of the request',
    shape: { is: 'unchecked' } as const,
    parse: (value: unknown) => value,
    format: (value: unknown) => value,
  }
}
