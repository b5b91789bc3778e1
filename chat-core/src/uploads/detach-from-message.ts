import type { AttachmentId, ConversationId, UserId } from '@satchel/protocol'
import type { ConversationJob } from '../domain/decision.ts'
import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import { changeAttachment } from './change-attachment.ts'
import { refundExpired } from './expire-upload.ts'
import { releaseBytes, type ReleaseDeps } from './release-bytes.ts'
import type { ReportDeps } from './report-result.ts'
import type { UploadDeps } from './upload-deps.ts'

export type DetachDeps = ReportDeps &
  ReleaseDeps &
  Pick<UploadDeps, 'attachments' | 'settings' | 'quotas' | 'enforceQuotas'>
type DetachJob = Extract<ConversationJob, { readonly kind: 'detach' }>

const PAGE = 100

/**
 * The message of an attachment was deleted: releases its bytes. A message that never got the attachment
 * releases nothing. `later` while the attaching has not been done.
 */
export async function detachFromMessage(
  deps: DetachDeps,
  job: DetachJob,
): Promise<'done' | 'later'> {
  const row = await deps.attachments.read(job.attachmentId)
  if (row?.conversationId !== job.conversationId) return 'done'
  if (row.messageSeq === undefined && row.detached !== true) return 'later'
  if (row.messageSeq === job.seq) await detach(deps, row.id)
  return 'done'
}

/** Releases all that a conversation holds, sent or not. */
export async function releaseConversation(
  deps: DetachDeps,
  conversationId: ConversationId,
): Promise<void> {
  for await (const { id } of listAttachments(deps, conversationId)) await detach(deps, id)
}

/** The attachments of a conversation, or one user's among them. */
export async function* listAttachments(
  deps: Pick<DetachDeps, 'attachments'>,
  conversationId: ConversationId,
  uploaderId?: UserId,
): AsyncGenerator<AttachmentRow> {
  let after: AttachmentId | undefined
  for (;;) {
    const options = { uploaderId, after, limit: PAGE }
    const rows = await deps.attachments.listOf(conversationId, options)
    yield* rows
    after = rows.at(-1)?.id
    if (rows.length < PAGE) return
  }
}

/** Gives up an attachment and its bytes for good; returns its row as it stands then. */
export async function detach(
  deps: DetachDeps,
  id: AttachmentId,
): Promise<AttachmentRow | undefined> {
  const { clock, settings } = deps
  const { row, changed } = await changeAttachment(deps, id, (latest) => {
    if (latest.detached === true) return undefined
    // Bytes being judged are released by whoever judges them; upkeep sees to it that somebody does.
    const waitMs = latest.state === 'processing' ? settings.stuckMs : settings.graceMs
    return { ...withoutUpload(latest), detached: true, dueMs: clock.nowMs() + waitMs }
  })
  if (row === undefined) return undefined
  if (changed && isGivenUp(row)) await refundExpired(deps, row)
  if (row.state !== 'processing') await releaseBytes(deps, row)
  return row
}

/** Its bytes had not all come. */
function isGivenUp({ state, reason }: AttachmentRow): boolean {
  return state === 'expired' && reason === 'deleted'
}

function withoutUpload(row: AttachmentRow): AttachmentRow {
  return row.state === 'uploading' ? { ...row, state: 'expired', reason: 'deleted' } : row
}
