import { createHash } from 'node:crypto'
import { blobObjectKey } from '@satchel/chat-core'
import type { BlobCatalogue, BlobRow, ObjectStore } from '@satchel/chat-core/ports'
import { removeIfGone } from '../remove-if-gone.ts'
import type { ReconcileDeps } from './reconcile-deps.ts'

/**
 * Brings the bytes of a blob back from the replica, if it has the right ones. What is there is only
 * replaced by bytes that were hashed before. True when nothing is wrong with it any more, also since it was deleted
 * meanwhile.
 */
export async function restoreBlob(
  deps: Pick<ReconcileDeps, 'objects' | 'replica'> & {
    readonly blobs: Pick<BlobCatalogue, 'read'>
  },
  blob: BlobRow,
): Promise<boolean> {
  const { objects, replica } = deps
  const key = blobObjectKey(blob.key)
  if (replica === undefined || !(await hasBytesOf(replica, blob))) return false
  const copy = await replica.read(key)
  if (copy === undefined) return false
  await objects.put(key, copy.body, blob.sizeBytes)
  await removeIfGone(deps, blob.key)
  return true
}

/** Whether a store has the very bytes of a blob: reads all of them. */
export async function hasBytesOf(
  objects: Pick<ObjectStore, 'read'>,
  { key, sha256 }: Pick<BlobRow, 'key' | 'sha256'>,
): Promise<boolean> {
  const object = await objects.read(blobObjectKey(key))
  if (object === undefined) return false
  const hash = createHash('sha256')
  for await (const chunk of object.body) hash.update(chunk)
  return hash.digest('base64url') === sha256
}
