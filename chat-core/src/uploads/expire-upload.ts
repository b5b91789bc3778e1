import type { AttachmentId } from '@satchel/protocol'
import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import { changeAttachment } from './change-attachment.ts'
import { reportResult, type ReportDeps } from './report-result.ts'
import type { UploadDeps } from './upload-deps.ts'
import { refundBytes, refundQuota } from './upload-quota.ts'

export type ExpireDeps = ReportDeps &
  Pick<
    UploadDeps,
    'attachments' | 'uploadTarget' | 'quotas' | 'clock' | 'settings' | 'enforceQuotas'
  >

/**
 * Ends an upload that is still waiting for bytes, if `isDue` says so of the row as it stands, and tells
 * the message it is in. Gives the row as it stands afterwards.
 */
export async function expireUpload(
  deps: ExpireDeps,
  id: AttachmentId,
  reason: 'aborted' | 'abandoned',
  isDue: (row: AttachmentRow) => boolean,
): Promise<AttachmentRow | undefined> {
  const { row, changed } = await changeAttachment(deps, id, (latest) => {
    if (latest.state !== 'uploading' || !isDue(latest)) return undefined
    // Kept for a while, so that asking again gets the same answer.
    const dueMs = deps.clock.nowMs() + deps.settings.graceMs
    return { ...latest, state: 'expired', reason, dueMs }
  })
  if (row?.state !== 'expired') return row
  // The quota first: only this call gives it back, and the store may be away.
  if (changed) await refundExpired(deps, row)
  // Repeated on every call: whoever came first may have died here.
  await deps.uploadTarget.abort(row.staging)
  if (row.messageSeq !== undefined) await reportResult(deps, row)
  return row
}

/** Gives back what an upload took that has just expired. */
export async function refundExpired(
  deps: Pick<UploadDeps, 'uploadTarget' | 'quotas' | 'settings' | 'enforceQuotas'>,
  row: AttachmentRow,
): Promise<void> {
  if (mayStillCome(deps, row)) return
  const refund = row.reason === 'aborted' ? refundBytes : refundQuota
  await refund(deps, row.uploaderId, row.sizeBytes)
}

/**
 * Whoever gave an upload up, alone or with its message, has a URL that may still work: given back, the quota could
 * be used for the same bytes twice.
 */
function mayStillCome(
  { uploadTarget }: Pick<UploadDeps, 'uploadTarget'>,
  { reason, staging }: AttachmentRow,
): boolean {
  return reason !== 'abandoned' && staging.partCount === 0 && !uploadTarget.revokesUrls
}
