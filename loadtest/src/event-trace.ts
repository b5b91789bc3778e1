import { hash } from 'node:crypto'
import type {
  ConversationEvent,
  EventContent,
  EventKind,
  MessageBody,
  ReactionCount,
  Seq,
  UserId,
} from '@satchel/protocol'
import { commandKeyOf } from './command-key.ts'

/** One changing part of a message, as somebody saw it. */
export interface PartTrace {
  readonly target: Seq
  /** `body`, or an attachment's id. */
  readonly part: string
  readonly version: number
  readonly hash: string
  /** A deleted body: nothing that comes later changes it, whatever its version. */
  readonly isFinal: boolean
  /** The key of the command that made this version, where its text tells. */
  readonly madeBy: string | undefined
}

/** What the checker keeps of an event: enough to see whether two readers saw the same. */
export interface EventTrace {
  readonly seq: Seq
  readonly ordinal: number
  readonly authorId: UserId
  readonly kind: EventKind
  /** The message it is about. */
  readonly target: Seq | undefined
  /** Hash of all that never changes: seq, ordinal, time, author, and what the kind holds beside its parts. */
  readonly immutable: string
  readonly parts: readonly PartTrace[]
  /** Only the author's own devices are told. */
  readonly commandKey: string | undefined
  readonly joined: readonly UserId[]
  readonly left: readonly UserId[]
  /** Nobody is a member afterwards. */
  readonly ends: boolean
  /** What `reaction_changed` set or took away. */
  readonly reaction: { readonly emoji: string; readonly removed: boolean } | undefined
  /** Of a message read from the store: everybody's reactions, as `emoji user`, sorted. */
  readonly reactions: readonly string[]
}

const NOBODY: readonly UserId[] = []
const NOTHING: readonly string[] = []

export function traceOf(event: ConversationEvent): EventTrace {
  const { seq, ordinal, timeMs, authorId, content, commandId } = event
  return {
    seq,
    ordinal,
    authorId,
    kind: content.kind,
    target: 'target' in content ? content.target : undefined,
    immutable: hashOf([seq, ordinal, timeMs, authorId, immutableContentOf(content)]),
    parts: partsOf(seq, content),
    commandKey: commandId === undefined ? undefined : commandKeyOf(commandId),
    joined: joinedOf(content),
    left:
      content.kind === 'member_removed'
        ? [content.userId]
        : content.kind === 'member_left'
          ? [authorId]
          : NOBODY,
    ends: content.kind === 'conversation_deleted',
    reaction:
      content.kind === 'reaction_changed'
        ? { emoji: content.emoji, removed: content.removed === true }
        : undefined,
    reactions: content.kind === 'message_sent' ? reactionsOf(content.reactions ?? []) : NOTHING,
  }
}

/** How `EventTrace.reactions` names one. */
export function reactionName(emoji: string, userId: UserId): string {
  return `${emoji} ${userId}`
}

function reactionsOf(reactions: readonly ReactionCount[]): readonly string[] {
  if (reactions.length === 0) return NOTHING
  return reactions
    .flatMap(({ emoji, userIds = [] }) => userIds.map((userId) => reactionName(emoji, userId)))
    .sort()
}

/** The text of a message that says which command made it. */
export function markedText(key: string, words: string): string {
  return `${key} ${words}`
}

function immutableContentOf(content: EventContent): unknown {
  switch (content.kind) {
    case 'message_sent': {
      const { replyTo, silent, attachments = [] } = content
      return { kind: content.kind, replyTo, silent, attachments: attachments.map(({ id }) => id) }
    }
    case 'message_edited':
    case 'attachment_updated':
      return { kind: content.kind, target: content.target }
    default:
      return content
  }
}

function partsOf(seq: Seq, content: EventContent): readonly PartTrace[] {
  switch (content.kind) {
    case 'message_sent': {
      const attachments = (content.attachments ?? []).map((attachment) =>
        partOf(seq, attachment.id, attachment.version, attachment),
      )
      return [bodyOf(seq, content.body), ...attachments]
    }
    case 'message_edited':
      return content.body === undefined ? [] : [bodyOf(content.target, content.body)]
    case 'attachment_updated': {
      const { target, attachment } = content
      return attachment === undefined
        ? []
        : [partOf(target, attachment.id, attachment.version, attachment)]
    }
    default:
      return []
  }
}

function bodyOf(target: Seq, body: MessageBody): PartTrace {
  const space = body.text?.indexOf(' ') ?? -1
  const madeBy = space > 0 ? body.text?.slice(0, space) : undefined
  return { ...partOf(target, 'body', body.version, body), isFinal: body.deleted === true, madeBy }
}

function partOf(target: Seq, part: string, version: number, value: unknown): PartTrace {
  return { target, part, version, hash: hashOf(value), isFinal: false, madeBy: undefined }
}

function joinedOf(content: EventContent): readonly UserId[] {
  if (content.kind === 'conversation_created') return content.memberIds
  return content.kind === 'members_added' ? content.userIds : NOBODY
}

function hashOf(value: unknown): string {
  return hash('sha1', JSON.stringify(value, sorted), 'base64').slice(0, 12)
}

/** The order of keys is no content: maps are compared as if it were always the same. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )
}
