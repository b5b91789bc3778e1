import type {
  Attachment,
  AttachmentId,
  ConversationEvent,
  EventContent,
  MessageBody,
  Seq,
  UserId,
} from '@satchel/protocol'
import { formatCell, parseCell } from '../cell-value.ts'

/**
 * What never changes of an event. The parts of a message that change have cells of their own; what a change
 * changed lies in its target's cells only.
 */
export interface EventCell {
  readonly ordinal: number
  readonly timeMs: number
  readonly authorId: UserId
  readonly content: ConstantContent
  /** Of a message, in its order; of a change of an attachment, that one. */
  readonly attachmentIds?: readonly AttachmentId[] | undefined
}

type ConstantContent =
  | Exclude<EventContent, { readonly kind: 'message_sent' }>
  | {
      readonly kind: 'message_sent'
      readonly replyTo?: Seq | undefined
      readonly silent?: boolean | undefined
    }

export function formatEvent(event: ConversationEvent): Buffer {
  const { ordinal, timeMs, authorId, content } = event
  const cell: EventCell = { ordinal, timeMs, authorId, ...constantsOf(content) }
  return formatCell(cell)
}

export function parseEventCell(bytes: Uint8Array): EventCell {
  return parseCell(bytes) as EventCell
}

export function parseBodyCell(bytes: Uint8Array): MessageBody {
  return parseCell(bytes) as MessageBody
}

export function parseAttachmentCell(bytes: Uint8Array): Attachment {
  return parseCell(bytes) as Attachment
}

function constantsOf(content: EventContent): Pick<EventCell, 'content' | 'attachmentIds'> {
  switch (content.kind) {
    case 'message_sent': {
      const { kind, replyTo, silent, attachments } = content
      return {
        content: { kind, replyTo, silent },
        attachmentIds: attachments?.map(({ id }) => id),
      }
    }
    case 'message_edited':
      return { content: { kind: content.kind, target: content.target } }
    case 'attachment_updated': {
      const { kind, target, attachment } = content
      return {
        content: { kind, target },
        attachmentIds: attachment === undefined ? undefined : [attachment.id],
      }
    }
    default:
      return { content }
  }
}
