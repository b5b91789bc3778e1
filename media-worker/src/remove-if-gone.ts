import { blobObjectKey, derivedPrefix } from '@satchel/chat-core'
import type { BlobCatalogue, ObjectStore } from '@satchel/chat-core/ports'
import type { BlobKey } from '@satchel/protocol'
import { removeUnder } from './remove-under.ts'

/**
 * The last step of whoever has written objects of a blob. A deletion that has begun by now may have looked for objects
 * before these came; one that begins later finds them. True when they had to go.
 */
export async function removeIfGone(
  {
    blobs,
    objects,
  }: {
    readonly blobs: Pick<BlobCatalogue, 'read'>
    readonly objects: Pick<ObjectStore, 'list' | 'remove'>
  },
  key: BlobKey,
): Promise<boolean> {
  const row = await blobs.read(key)
  if (row !== undefined && row.state !== 'deleting') return false
  await removeUnder(objects, derivedPrefix(key))
  await objects.remove([blobObjectKey(key)])
  return true
}
