import { blobObjectKey, changeAttachment } from '@satchel/chat-core'
import type { AttachmentRow, BlobRow } from '@satchel/chat-core/ports'
import type { WorkerDeps } from '../worker-deps.ts'
import type { ReadBytes } from './read-once.ts'

/**
 * Keeps the bytes as a blob, or, when the same are stored already, refers to those and drops the copy. The
 * attachment's row names the blob before anything is made of it: whoever ends it then finds what to release.
 */
export async function storeBlob(
  deps: Pick<WorkerDeps, 'blobs' | 'attachments' | 'objects' | 'uploadTarget'>,
  row: AttachmentRow,
  { sha256, sizeBytes }: ReadBytes,
): Promise<{ readonly row: AttachmentRow; readonly blob: BlobRow }> {
  const blob = await deps.blobs.store({ key: row.copyKey, sha256, sizeBytes }, row.id)
  const changed = await changeAttachment(deps, row.id, (latest) => ({ ...latest, blob: blob.key }))
  if (blob.key !== row.copyKey) await deps.objects.remove([blobObjectKey(row.copyKey)])
  await deps.uploadTarget.abort(row.staging)
  return { row: changed.row ?? { ...row, blob: blob.key }, blob }
}
