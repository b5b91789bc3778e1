import { blobObjectKey } from '@satchel/chat-core'
import type { AttachmentRow } from '@satchel/chat-core/ports'
import type { WorkerDeps } from '../worker-deps.ts'

/**
 * Copies the bytes to where no client can write, provided they are still those that were complete. False
 * when neither they nor an earlier copy are there.
 */
export async function copyFromStaging(
  { objects }: Pick<WorkerDeps, 'objects'>,
  { staging, etag, copyKey }: AttachmentRow,
): Promise<boolean> {
  const to = blobObjectKey(copyKey)
  if (etag !== undefined && (await objects.copy(staging.key, etag, to))) return true
  return (await objects.head(to)) !== undefined
}
