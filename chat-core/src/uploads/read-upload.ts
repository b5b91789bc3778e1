import { ChatError, type AttachmentId, type UploadState, type UserId } from '@satchel/protocol'
import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import type { UploadDeps } from './upload-deps.ts'
import { missingPartsOf, signFirstParts, uploadStateOf } from './upload-plan.ts'

type ReadDeps = Pick<UploadDeps, 'attachments' | 'uploadTarget' | 'clock' | 'settings'>

/** The row of an upload of this user; nobody else may know of it. */
export async function requireUpload(
  deps: Pick<UploadDeps, 'attachments'>,
  userId: UserId,
  attachmentId: AttachmentId,
): Promise<AttachmentRow> {
  const row = await deps.attachments.read(attachmentId)
  if (row?.uploaderId !== userId) {
    throw new ChatError('no_such_attachment', `${userId} has no attachment ${attachmentId}`)
  }
  return row
}

/** How an upload stands: what is missing according to the store itself, and URLs for the first of it. */
export async function uploadStatus(
  deps: ReadDeps,
  userId: UserId,
  attachmentId: AttachmentId,
): Promise<UploadState> {
  return readUpload(deps, await requireUpload(deps, userId, attachmentId))
}

export async function readUpload(deps: ReadDeps, row: AttachmentRow): Promise<UploadState> {
  if (row.state !== 'uploading') return uploadStateOf(row)
  const current = await touchUpload(deps, row)
  const missing = await missingPartsOf(deps, current.staging)
  return uploadStateOf(current, missing, await signFirstParts(deps, current, missing))
}

/** Whoever asks about an upload keeps it alive. A lost race only means that another request has just touched it. */
export async function touchUpload(
  { attachments, clock }: Pick<UploadDeps, 'attachments' | 'clock'>,
  row: AttachmentRow,
): Promise<AttachmentRow> {
  const touched = { ...row, version: row.version + 1, touchedMs: clock.nowMs() }
  return (await attachments.replace(row, touched)) ? touched : row
}
