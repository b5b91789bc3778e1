import { ChatError, type AttachmentId, type UploadState, type UserId } from '@satchel/protocol'
import { requireUpload, touchUpload } from './read-upload.ts'
import type { UploadDeps } from './upload-deps.ts'
import { missingPartsOf, partsOf, signParts, uploadStateOf } from './upload-plan.ts'

/**
 * URLs for those of the named parts that have not arrived. `upload_state` when the upload takes no more
 * bytes, `bad_request` for a part it does not have.
 */
export async function uploadParts(
  deps: Pick<UploadDeps, 'attachments' | 'uploadTarget' | 'clock' | 'settings'>,
  userId: UserId,
  attachmentId: AttachmentId,
  parts: readonly number[],
): Promise<UploadState> {
  const row = await requireUpload(deps, userId, attachmentId)
  if (row.state !== 'uploading') {
    throw new ChatError('upload_state', `the upload is ${row.state} and takes no more parts`)
  }
  const known = new Set(partsOf(row.staging))
  const stranger = parts.find((part) => !known.has(part))
  if (stranger !== undefined) {
    throw new ChatError('bad_request', `the upload has no part ${stranger}`, {
      field: 'parts',
    })
  }
  const current = await touchUpload(deps, row)
  const missing = await missingPartsOf(deps, row.staging)
  const wanted = [...new Set(parts)].filter((part) => missing.includes(part))
  return uploadStateOf(current, missing, await signParts(deps, current, wanted))
}
