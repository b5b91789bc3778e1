import {
  ACTIVITIES,
  ChatError,
  LIMITS,
  MARK_KINDS,
  attachmentId,
  commandId,
  conversationId,
  event,
  head,
  mark,
  memberSettings,
  parseErrorCode,
  presenceState,
  reactionCount,
  schema,
  seq,
  timeMs,
  userId,
  type Fields,
  type RecordOf,
  type TupleSchema,
} from '@satchel/protocol'
import type { GatewayMessage } from '../../ports/gateway-bus.ts'
import { pack, unpack } from './packed.ts'

const { flag, integer, list, oneOf, optional, parsedText, text, tuple } = schema

const MAX_EVENTS = 4_096
const MAX_ID_BYTES = 64
const userIds = list(userId, LIMITS.membersPerGroup)
const answered = {
  to: tuple({ gatewayId: text(MAX_ID_BYTES), bootId: text(MAX_ID_BYTES), ticket: seq }, 'address'),
  conversationId,
}
const refused = {
  ...answered,
  code: parsedText('error code', parseErrorCode),
  message: text(1_024),
}
const activity = oneOf(ACTIVITIES)

/** How each message travels: its name, then these fields by position. New ones go to the end, and are optional. */
const LAYOUTS = {
  applied: layout({ ...answered, seq: optional(seq), timeMs }),
  rejected: layout(refused),
  unknown: layout(refused),
  events: layout({
    conversationId,
    events: list(tuple({ event, commandId: optional(commandId) }, 'delivered event'), MAX_EVENTS),
    membershipSeq: integer(0),
    opensHistory: optional(flag),
    userIds: optional(userIds),
    onSubject: optional(flag),
    strictLinks: optional(flag),
  }),
  head: layout({ conversationId, head, userIds: optional(userIds), onSubject: optional(flag) }),
  mark: layout({
    ...{ conversationId, userId, kind: oneOf(MARK_KINDS), mark },
    userIds: optional(userIds),
  }),
  activity: layout({ conversationId, userId, activity, userIds: optional(userIds) }),
  upload_progress: layout({
    ...{ conversationId, attachmentId, sentBytes: integer(0), sizeBytes: integer(0) },
    userIds: optional(userIds),
  }),
  reactions: layout({
    conversationId,
    target: seq,
    reactions: list(reactionCount, LIMITS.reactionKindsPerMessage),
    userIds: optional(userIds),
  }),
  member_settings: layout({ conversationId, settings: memberSettings, userIds }),
  following: layout({ conversationId, userId }),
  presence: layout({ presence: presenceState }),
  end_sessions: layout({ userId }),
} as const

type Layouts = typeof LAYOUTS
type WireMessage = {
  [Type in keyof Layouts]: { readonly type: Type } & RecordOf<Layouts[Type]['fields']>
}[keyof Layouts]

/** Messages as one payload. */
export function formatGatewayMessages(messages: readonly GatewayMessage[]): Uint8Array {
  // Ids stay the text they are in memory (`json`): turning them into bytes costs more than it saves.
  return pack(
    messages.map((message) => {
      const wire = wireOf(message)
      return LAYOUTS[wire.type].formatInto([wire.type], wire, 'json')
    }),
  )
}

/** What a payload brings; a newer version's types are left out. Throws a `ChatError` for what is no such payload. */
export function parseGatewayMessages(payload: Uint8Array): readonly GatewayMessage[] {
  return unpack(payload).flatMap((value) => {
    if (!Array.isArray(value)) throw new ChatError('bad_frame', 'a message is no list')
    const fields: readonly unknown[] = value
    const [type] = fields
    if (!isKnown(type)) return []
    return [messageOf(LAYOUTS[type].parseInto({ type }, fields, 1, 'json') as WireMessage)]
  })
}

function layout<const F extends Fields>(fields: F): TupleSchema<F> {
  return tuple(fields, 'gateway message')
}

function isKnown(type: unknown): type is keyof Layouts {
  return typeof type === 'string' && Object.hasOwn(LAYOUTS, type)
}

function wireOf(message: GatewayMessage): WireMessage {
  if (message.type !== 'answer') return message
  const { to, conversationId, answer } = message
  if (answer.kind === 'applied') {
    const { kind, ...outcome } = answer
    return { type: kind, to, conversationId, ...outcome }
  }
  const { kind, ...outcome } = answer
  return { type: kind, to, conversationId, ...outcome }
}

function messageOf(wire: WireMessage): GatewayMessage {
  switch (wire.type) {
    case 'applied': {
      const { type: kind, to, conversationId, ...outcome } = wire
      return { type: 'answer', to, conversationId, answer: { kind, ...outcome } }
    }
    case 'rejected':
    case 'unknown': {
      const { type: kind, to, conversationId, ...outcome } = wire
      return { type: 'answer', to, conversationId, answer: { kind, ...outcome } }
    }
    default:
      return wire
  }
}
