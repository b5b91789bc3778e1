import type {
  Attachment,
  CommandId,
  ConversationId,
  ErrorCode,
  RequestedCommand,
  Seq,
  UserId,
} from '@satchel/protocol'

type RequestedReaction = Extract<RequestedCommand, { readonly kind: 'react' }>
type RequestedMessage = Extract<RequestedCommand, { readonly kind: 'send_message' }>

/** A message to send, its attachments stamped by the gateway with what is known of their bytes. */
export type SendMessage = Omit<RequestedMessage, 'attachments'> & {
  readonly attachments?: readonly Attachment[] | undefined
}

/** A reaction, stamped by the gateway with what followers are known by. */
export type React = RequestedReaction & {
  /** The author follows the channel. */
  readonly byFollower?: boolean | undefined
}

/** What is asked of a conversation: what clients may ask, and what the outside world reports. */
export type CommandContent =
  | Exclude<RequestedCommand, RequestedMessage | RequestedReaction>
  | SendMessage
  | React
  /** The user leaves for good; their files go, and their messages are blanked where the setting says so. */
  | { readonly kind: 'erase_user'; readonly userId: UserId }
  /** Blanks a message of somebody who was erased, in their name. */
  | { readonly kind: 'blank_message'; readonly target: Seq }
  /** Bytes of an attachment of message `target` were judged, or given up. */
  | { readonly kind: 'attachment_result'; readonly target: Seq; readonly attachment: Attachment }

/**
 * By what a repeated command is recognised: its id in a client's outbox, the 8-byte hash (base64url)
 * of an `Idempotency-Key`, or nothing for commands whose repetition changes nothing.
 */
export type CommandKey =
  | ({ readonly kind: 'outbox' } & CommandId)
  | { readonly kind: 'idempotency'; readonly hash: string }
  | { readonly kind: 'none' }

/** One command, as the log carries it. */
export interface Command {
  readonly conversationId: ConversationId
  readonly authorId: UserId
  readonly key: CommandKey
  /** 32-bit hash of the content: the same key with another hash is a conflict. */
  readonly contentHash: number
  /** The other person, where the conversation was named as `to: user`. */
  readonly to?: UserId | undefined
  /** Asked with the server key: settings about what clients may do do not apply. */
  readonly byServer?: boolean | undefined
  readonly content: CommandContent
  /**
   * What the gateway holds against it, found in what `decide` may not look at: uploads, reactions. It is
   * refused with this unless it was answered before.
   */
  readonly refusal?: { readonly code: ErrorCode; readonly message: string } | undefined
}
