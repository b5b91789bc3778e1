import { ChatError, type LinkWanted, type Seq } from '@satchel/protocol'
import type { AttachmentCatalogue, AttachmentRow } from '../ports/attachment-catalogue.ts'
import type { BlobFacts } from '../ports/blob-catalogue.ts'
import type { Timeline } from '../ports/timeline.ts'

export interface MessageAttachmentDeps {
  readonly attachments: Pick<AttachmentCatalogue, 'read'>
  readonly timeline: Pick<Timeline, 'readFacts'>
}

/** Which attachment of which message. */
export type AttachmentPlace = Pick<LinkWanted, 'conversationId' | 'seq' | 'attachmentId'>

export interface ReadyAttachment extends AttachmentRow {
  readonly blob: NonNullable<AttachmentRow['blob']>
  readonly facts: BlobFacts
}

/**
 * The attachment of a message, for a reader for whom what is up to `hiddenUpTo` is not meant. Throws
 * `no_such_attachment`, or `upload_state` while there is no verdict.
 */
export async function requireMessageAttachment(
  deps: MessageAttachmentDeps,
  place: AttachmentPlace,
  hiddenUpTo: Seq,
): Promise<ReadyAttachment> {
  const row = await deps.attachments.read(place.attachmentId)
  if (row === undefined || place.seq <= hiddenUpTo || !(await isOfMessage(deps, row, place))) {
    throw new ChatError('no_such_attachment', 'the message has no such attachment')
  }
  const { blob, facts, state } = row
  if (state !== 'ready' || blob === undefined || facts === undefined) {
    throw new ChatError('upload_state', `the attachment is ${state}`)
  }
  return { ...row, blob, facts }
}

async function isOfMessage(
  deps: Pick<MessageAttachmentDeps, 'timeline'>,
  row: AttachmentRow,
  { conversationId, seq, attachmentId }: AttachmentPlace,
): Promise<boolean> {
  if (row.conversationId !== conversationId || row.detached === true) return false
  if (row.messageSeq !== undefined) return row.messageSeq === seq
  // Just sent: the message is there, the job that attaches is on its way.
  const facts = (await deps.timeline.readFacts(conversationId, [seq])).get(seq)
  return facts?.attachmentIds.includes(attachmentId) ?? false
}
