import type {
  AttachmentId,
  ConversationEvent,
  ConversationId,
  EventKind,
  MemberSettings,
  Seq,
  UserId,
} from '@satchel/protocol'
import type { ConversationRow, RecordedAnswer } from './conversation-state.ts'

/** What never changes of an older event; all that `decide` may know of it. */
export interface EventFacts {
  readonly authorId: UserId
  readonly kind: EventKind
  readonly attachmentIds: readonly AttachmentId[]
}

/** Settings that rules depend on; named by the epoch that decided with them. */
export interface RulesSettings {
  readonly clientsMayCreateGroups: boolean
  readonly historyForNewcomers: boolean
  /** Erasing a user also blanks the text of the user's messages. */
  readonly eraseBlanksMessages: boolean
}

/** All that deciding a command may depend on besides the state and the command. */
export interface DecideContext {
  /** Time of the command's log record. */
  readonly timeMs: number
  readonly settings: RulesSettings
  /** Facts of the seqs `targetsOf(command)` names, as far as they exist. */
  readonly targets: ReadonlyMap<Seq, EventFacts>
}

/** A reaction set or taken back; of several for the same (target, emoji, user) the last one holds. */
export interface ReactionChange {
  readonly target: Seq
  readonly emoji: string
  readonly userId: UserId
  readonly removed: boolean
}

/** Durable work that a commit asks for. */
export type ConversationJob =
  /** An attachment became part of a message. */
  | {
      readonly kind: 'attach'
      readonly attachmentId: AttachmentId
      readonly conversationId: ConversationId
      readonly seq: Seq
    }
  /** A message was deleted: its attachment is released. */
  | {
      readonly kind: 'detach'
      readonly attachmentId: AttachmentId
      readonly conversationId: ConversationId
      readonly seq: Seq
    }
  /** Release everything the conversation holds. */
  | { readonly kind: 'delete_conversation'; readonly conversationId: ConversationId }
  /** Release what this user sent here before the erasure. */
  | {
      readonly kind: 'erase_user'
      readonly conversationId: ConversationId
      readonly userId: UserId
      /** Of the erasure. */
      readonly seq: Seq
      /** As the settings said when it was decided. */
      readonly blankMessages: boolean
    }

/** Stands for every member where users are mentioned; no user id is empty. */
export const EVERYBODY = '' as const
export type Mentioned = UserId | typeof EVERYBODY

/** What becomes of one command. A rejection has an answer and, for members, the row that remembers it. */
export interface Decision {
  readonly answer: RecordedAnswer
  /** True when the command had been answered before: nothing else follows from it. */
  readonly repeated: boolean
  readonly events: readonly ConversationEvent[]
  readonly reactions: readonly ReactionChange[]
  /** Members whom the sent message mentions, its author left out. */
  readonly mentioned: readonly Mentioned[]
  readonly rows: readonly ConversationRow[]
  readonly jobs: readonly ConversationJob[]
  /** For the author's own devices; takes no seq. */
  readonly memberSettings?: MemberSettings | undefined
}
