import type { AttachmentId, ConversationEvent, EventContent } from '@satchel/protocol'
import type { ChangedPart } from '../../ports/conversation-store.ts'
import { eventKey } from './cell-key.ts'
import type { StoredEvent } from '../cell-value.ts'
import { parseEvent, type HotCells } from '../hot-cell.ts'
import type { StoreTransaction } from './store-transaction.ts'

export type Message = Extract<EventContent, { readonly kind: 'message_sent' }>

/** Stages events; see `StoredEvent` for what of them. */
export function writeEvents(
  transaction: StoreTransaction,
  formats: HotCells,
  conversation: Buffer,
  events: readonly ConversationEvent[],
): void {
  const cells = transaction.databases.conversations
  for (const event of events) {
    const value = formats.formatEvent(storedEvent(event))
    transaction.put(cells, eventKey(conversation, event.seq), value)
  }
}

/**
 * Stages changed parts into the rows of their messages. A part older than the stored one is left out,
 * and everything about a message that is deleted.
 */
export function writeParts(
  transaction: StoreTransaction,
  formats: HotCells,
  conversation: Buffer,
  parts: readonly ChangedPart[],
): void {
  const cells = transaction.databases.conversations
  for (const part of parts) {
    const key = eventKey(conversation, part.target)
    const bytes = transaction.read(cells, key)
    if (bytes === undefined) continue
    const changed = withPart(parseEvent(bytes), part)
    if (changed !== undefined) transaction.put(cells, key, formats.formatEvent(changed))
  }
}

/** Ids of the attachments an event came about with. */
export function attachmentIdsOf({ content, attachmentIds }: StoredEvent): readonly AttachmentId[] {
  if (attachmentIds !== undefined) return attachmentIds
  if (content.kind !== 'message_sent') return []
  return content.attachments?.map(({ id }) => id) ?? []
}

function storedEvent(event: ConversationEvent): StoredEvent {
  const { content } = event
  if (content.kind === 'message_edited')
    return { ...event, content: { kind: content.kind, target: content.target } }
  if (content.kind === 'attachment_updated' && content.attachment !== undefined) {
    const attachmentIds = [content.attachment.id]
    return { ...event, content: { kind: content.kind, target: content.target }, attachmentIds }
  }
  return event
}

function withPart(event: StoredEvent, part: ChangedPart): StoredEvent | undefined {
  const { content } = event
  if (content.kind !== 'message_sent' || content.body.deleted === true) return undefined
  if (part.part === 'attachment') return withAttachment(event, content, part.value)
  if (part.value.deleted === true) return blanked(event, content, part.value)
  if (part.value.version <= content.body.version) return undefined
  return { ...event, content: { ...content, body: part.value } }
}

function withAttachment(
  event: StoredEvent,
  content: Message,
  attachment: Extract<ChangedPart, { readonly part: 'attachment' }>['value'],
): StoredEvent | undefined {
  const stored = content.attachments?.find(({ id }) => id === attachment.id)
  if (stored === undefined || attachment.version <= stored.version) return undefined
  const attachments = content.attachments?.map((one) => (one === stored ? attachment : one))
  return { ...event, content: { ...content, attachments } }
}

function blanked(event: StoredEvent, content: Message, body: Message['body']): StoredEvent {
  const attachmentIds = attachmentIdsOf(event)
  return {
    ...event,
    content: { ...content, attachments: undefined, body },
    ...(attachmentIds.length > 0 && { attachmentIds }),
  }
}
