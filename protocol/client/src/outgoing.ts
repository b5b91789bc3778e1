import type { ConversationDetails, JsonValue, RequestedCommand, Seq } from '@satchel/protocol'
import { requireAttachmentId, requireUserIds } from './identifiers.ts'
import type { Upload } from './upload.ts'

/** What the sender says about an attachment. `id`: an upload, or the id of one (for example after a reload). */
export interface OutgoingAttachment {
  readonly id: Upload | string
  /** For those who do not see it; at most 500 characters. */
  readonly alt?: string | undefined
  /** At most 1,000 characters. */
  readonly caption?: string | undefined
  /** Shown only when asked for. */
  readonly spoiler?: boolean | undefined
}

/** A message to send. At least one of `text`, `attachments` and `data`. */
export interface OutgoingMessage {
  /** At most 8 KB of UTF-8. */
  readonly text?: string | undefined
  /** At most 10. Uploads may still be under way. */
  readonly attachments?: readonly (Upload | OutgoingAttachment)[] | undefined
  /** The seq of the message this one answers. */
  readonly replyTo?: Seq | undefined
  /** Ids of users; at most 50. */
  readonly mentions?: readonly string[] | undefined
  /** Mentions every member. */
  readonly mentionAll?: boolean | undefined
  /** Nobody is notified. */
  readonly silent?: boolean | undefined
  /** For the integrator's use; at most 2 KB as JSON. */
  readonly data?: { readonly [key: string]: JsonValue } | undefined
}

/** What replaces a message's words; what is left out is gone. */
export type MessageEdit = Pick<OutgoingMessage, 'text' | 'mentions' | 'mentionAll' | 'data'>

/** A conversation to create. */
export interface NewConversation extends ConversationDetails {
  readonly kind: 'group' | 'channel'
  /** Ids of users beside the creator, in any number. */
  readonly memberIds?: readonly string[] | undefined
}

/** The answer to something that took a place in the conversation. */
export interface Sent {
  readonly seq: Seq
}

/** The attachments of a message, each with its upload where this client has it. */
export function listAttachments(
  message: OutgoingMessage,
): readonly { readonly words: OutgoingAttachment; readonly upload: Upload | undefined }[] {
  return (message.attachments ?? []).map((attachment) => {
    const words = isWords(attachment) ? attachment : { id: attachment }
    return { words, upload: typeof words.id === 'string' ? undefined : words.id }
  })
}

export type SendMessageCommand = Extract<RequestedCommand, { readonly kind: 'send_message' }>

/** The command that sends the message. */
export function sendCommand(message: OutgoingMessage): SendMessageCommand {
  const { replyTo, silent } = message
  const attachments = listAttachments(message).map(({ words: { id, alt, caption, spoiler } }) => ({
    id: typeof id === 'string' ? requireAttachmentId(id) : id.id,
    alt,
    caption,
    spoiler,
  }))
  return {
    kind: 'send_message',
    ...wordsOf(message),
    attachments: attachments.length === 0 ? undefined : attachments,
    replyTo,
    silent,
  }
}

export function editCommand(target: Seq, edit: MessageEdit): RequestedCommand {
  return { kind: 'edit_message', target, ...wordsOf(edit) }
}

function wordsOf({ text, mentions, mentionAll, data }: MessageEdit) {
  return {
    text,
    mentions: mentions === undefined ? undefined : requireUserIds(mentions),
    mentionAll,
    data,
  }
}

// An upload's id is text, whatever else the two have in common.
function isWords(attachment: Upload | OutgoingAttachment): attachment is OutgoingAttachment {
  return !('done' in attachment)
}
