import type { Attachment, ConversationId, Seq, UserId } from '@satchel/protocol'
import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import type { Timeline } from '../ports/timeline.ts'
import { attachmentOf } from './attachment-of.ts'

/** What became of an attachment, for the conversation its message is in. */
export interface AttachmentResult {
  readonly conversationId: ConversationId
  /** The author of the message. */
  readonly authorId: UserId
  /** The message. */
  readonly target: Seq
  readonly attachment: Attachment
}

export interface ReportDeps {
  /** Appends the `attachment_result` command; settles when it was decided. */
  readonly submitResult: (result: AttachmentResult) => Promise<void>
  readonly timeline: Pick<Timeline, 'read'>
}

/**
 * Tells the message what became of its attachment. Called by whichever of *attached* and *finished* comes
 * second, and again whenever that may have been lost; what the message says already is not repeated. Gives whether it
 * was told something.
 */
export async function reportResult(deps: ReportDeps, row: AttachmentRow): Promise<boolean> {
  if (row.messageSeq === undefined || row.detached === true || !isFinished(row)) return false
  const told = await readMessageAttachment(deps, row.conversationId, row.messageSeq, row.id)
  const attachment = attachmentOf(row, row.words)
  if (told === undefined || saysTheSame(told.attachment, attachment)) return false
  await deps.submitResult({
    conversationId: row.conversationId,
    authorId: row.uploaderId,
    target: row.messageSeq,
    attachment,
  })
  return true
}

/** Nothing more becomes of its bytes. */
export function isFinished(row: AttachmentRow): boolean {
  return row.state !== 'uploading' && row.state !== 'processing'
}

export interface MessageAttachment {
  readonly authorId: UserId
  readonly attachment: Attachment
}

/** The attachment as the message has it now; `undefined` once the message is deleted. */
export async function readMessageAttachment(
  deps: Pick<ReportDeps, 'timeline'>,
  conversationId: ConversationId,
  seq: Seq,
  id: Attachment['id'],
): Promise<MessageAttachment | undefined> {
  const range = { after: seq - 1, upTo: seq, limit: 1 }
  const [event] = await deps.timeline.read(conversationId, range)
  if (event?.content.kind !== 'message_sent') return undefined
  const attachment = event.content.attachments?.find((candidate) => candidate.id === id)
  return attachment === undefined ? undefined : { authorId: event.authorId, attachment }
}

function saysTheSame(told: Attachment, attachment: Attachment): boolean {
  return (
    told.state === attachment.state &&
    told.reason === attachment.reason &&
    told.blob === attachment.blob &&
    told.pipelineVersion === attachment.pipelineVersion &&
    // More may have been made of the same bytes.
    told.variants?.length === attachment.variants?.length
  )
}
