import type {
  Attachment,
  ConversationId,
  ErrorCode,
  JsonValue,
  Seq,
  UserId,
} from '@satchel/protocol'

/** What a screen shows of a message: edits, deletion, reactions and attachments as they are now. */
export interface Message {
  /** Names the message in a list, from the moment it is sent here to after its arrival. */
  readonly key: string
  /** Absent only while the first message to a person is on its way. */
  readonly conversationId: ConversationId | undefined
  /** Absent while the message is on its way, or has failed. */
  readonly seq: Seq | undefined
  /** The how-many-th message of its conversation. */
  readonly ordinal: number | undefined
  readonly timeMs: number
  readonly authorId: UserId
  /** The user of this client wrote it. */
  readonly mine: boolean
  /** Empty when there is none. */
  readonly text: string
  readonly mentions: readonly UserId[]
  readonly mentionAll: boolean
  readonly data: { readonly [key: string]: JsonValue } | undefined
  readonly edited: boolean
  readonly deleted: boolean
  readonly silent: boolean
  readonly replyTo: Seq | undefined
  readonly attachments: readonly MessageAttachment[]
  readonly reactions: readonly Reaction[]
  /** Events between this message and the one before it in the list are not loaded. */
  readonly gapBefore: boolean
  /** For what this client sends and the server has not confirmed yet; otherwise absent. */
  readonly local: LocalState | undefined
}

/** Why an own message has no seq. A failed one stays until it is resent or discarded. */
export type LocalState =
  | { readonly state: 'pending' }
  | { readonly state: 'failed'; readonly code: ErrorCode; readonly message: string }

/** An attachment, and the message it is in. */
export interface MessageAttachment extends Attachment {
  readonly conversationId: ConversationId | undefined
  readonly seq: Seq | undefined
  /** While `uploading`: how much of it its sender has sent, as far as known. */
  readonly sentBytes: number | undefined
}

export interface Reaction {
  readonly emoji: string
  readonly count: number
  /** Who; absent where reactions are only counted (channels and more than 256 members). */
  readonly userIds: readonly UserId[] | undefined
  readonly mine: boolean
}
