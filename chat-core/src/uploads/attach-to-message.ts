import type { ConversationJob } from '../domain/decision.ts'
import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import { changeAttachment } from './change-attachment.ts'
import {
  isFinished,
  readMessageAttachment,
  reportResult,
  type MessageAttachment,
  type ReportDeps,
} from './report-result.ts'
import { retainedUntilMs } from './retained-until.ts'
import type { UploadDeps } from './upload-deps.ts'

type AttachDeps = ReportDeps & Pick<UploadDeps, 'attachments' | 'settings'>
type AttachJob = Extract<ConversationJob, { readonly kind: 'attach' }>

/**
 * An attachment became part of a message. The first message gets it; in any other one it is `failed`.
 * Tells the message when the bytes were finished before.
 */
export async function attachToMessage(deps: AttachDeps, job: AttachJob): Promise<void> {
  // Absent when the message was deleted meanwhile: attached all the same, for the deletion's job to find.
  const said = await readMessageAttachment(deps, job.conversationId, job.seq, job.attachmentId)
  const { row } = await changeAttachment(deps, job.attachmentId, (latest) =>
    isFree(latest, job) ? attached(deps, latest, job, said) : undefined,
  )
  if (row?.conversationId === job.conversationId && row.messageSeq === job.seq) {
    await reportResult(deps, row)
  } else if (said !== undefined) {
    await refuse(deps, job, said, row)
  }
}

function isFree(row: AttachmentRow, job: AttachJob): boolean {
  const isUnattached = row.messageSeq === undefined && row.detached !== true
  return isUnattached && row.conversationId === job.conversationId
}

function attached(
  { settings }: Pick<AttachDeps, 'settings'>,
  row: AttachmentRow,
  { seq }: AttachJob,
  said: MessageAttachment | undefined,
): AttachmentRow {
  const { alt, caption, spoiler } = said?.attachment ?? {}
  // What is finished stays as long as its message, or as is set; an upload may still be abandoned, or get stuck.
  const dueMs = isFinished(row) ? retainedUntilMs(settings, row) : row.dueMs
  return { ...row, messageSeq: seq, words: { alt, caption, spoiler }, dueMs }
}

async function refuse(
  deps: AttachDeps,
  job: AttachJob,
  { authorId, attachment }: MessageAttachment,
  row: AttachmentRow | undefined,
): Promise<void> {
  const reason = row === undefined ? 'no_such_attachment' : 'attachment_taken'
  if (attachment.state === 'failed' && attachment.reason === reason) return
  const { id, name, sizeBytes, contentType, alt, caption, spoiler } = attachment
  const version = Math.max(attachment.version, row?.version ?? 0) + 1
  const facts = { id, version, name, sizeBytes, contentType, alt, caption, spoiler }
  await deps.submitResult({
    conversationId: job.conversationId,
    authorId,
    target: job.seq,
    attachment: { ...facts, state: 'failed', reason },
  })
}
