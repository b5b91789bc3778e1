import { ChatError, type AttachmentId, type UploadState, type UserId } from '@satchel/protocol'
import { expireUpload, type ExpireDeps } from './expire-upload.ts'
import { requireUpload } from './read-upload.ts'
import { uploadStateOf } from './upload-plan.ts'

/**
 * Gives an upload up: its bytes go, parts still on their way come to nothing. Again: the same answer.
 * `upload_state` once it is complete: from then on deleting the message is the way.
 */
export async function abortUpload(
  deps: ExpireDeps,
  userId: UserId,
  attachmentId: AttachmentId,
): Promise<UploadState> {
  await requireUpload(deps, userId, attachmentId)
  const row = await expireUpload(deps, attachmentId, 'aborted', () => true)
  if (row?.state !== 'expired') {
    throw new ChatError('upload_state', 'a complete upload cannot be aborted')
  }
  return uploadStateOf(row)
}
