import type {
  Attachment,
  ConversationEvent,
  ConversationId,
  Mark,
  MessageBody,
  Seq,
  UserId,
} from '@satchel/protocol'
import type { ConversationRow } from '../domain/conversation-state.ts'
import type { ConversationJob, Mentioned, ReactionChange } from '../domain/decision.ts'
import type { LogPosition } from './command-log.ts'

/** A changed part of an older message, written whole. */
export type ChangedPart =
  | { readonly part: 'body'; readonly target: Seq; readonly value: MessageBody }
  | { readonly part: 'attachment'; readonly target: Seq; readonly value: Attachment }

/** A user's line in the inbox; `undefined` = no longer a member. */
export interface InboxChange {
  readonly userId: UserId
  readonly value: { readonly joinedSeq: Seq } | undefined
}

/** Who is mentioned by a message; everybody = one row for the conversation. */
export interface MentionChange {
  readonly userId: Mentioned
  readonly seq: Seq
}

/** Everything that some consecutive commands changed in one conversation. */
export interface ConversationCommit {
  readonly conversationId: ConversationId
  /** Of the last command in it; a state that holds a position skips commands up to it. */
  readonly position: LogPosition
  readonly events: readonly ConversationEvent[]
  readonly parts: readonly ChangedPart[]
  readonly reactions: readonly (ReactionChange & { readonly position: LogPosition })[]
  readonly mentions: readonly MentionChange[]
  readonly inbox: readonly InboxChange[]
  /** Read marks of senders and joiners. */
  readonly marks: readonly { readonly userId: UserId; readonly mark: Mark }[]
  readonly jobs: readonly ConversationJob[]
  /** The latest value of each row that changed. */
  readonly rows: readonly ConversationRow[]
}

export interface StoredConversation {
  readonly position: LogPosition
  readonly rows: readonly ConversationRow[]
}

/**
 * What owners write, and the conversation itself as only its owner reads it.
 *
 * - `commit` settles when all of it is durable. Until then readers see nothing of its rows, and no
 *   head that counts its events. When it rejects, either nothing of it was written (`atomicCommit`),
 *   or committing the same again completes it.
 * - Committing the same twice, or after a later commit, changes nothing.
 * - `read` gives a consistent snapshot of all rows; `undefined` for a conversation never committed.
 * - Commits of different conversations may run at once; of one conversation, one after another.
 */
export interface ConversationStore {
  /** Whether a rejected commit has certainly written nothing. */
  readonly atomicCommit: boolean
  read(conversationId: ConversationId): Promise<StoredConversation | undefined>
  commit(commit: ConversationCommit): Promise<void>
}
