import { blobObjectKey } from '@satchel/chat-core'
import type { BlobCatalogue, BlobRow, ObjectStore } from '@satchel/chat-core/ports'
import { hasBytesOf, restoreBlob } from '../reconcile/restore-blob.ts'

export interface CheckDeps {
  readonly objects: ObjectStore
  readonly blobs: Pick<BlobCatalogue, 'read'>
  readonly replica: Pick<ObjectStore, 'read'> | undefined
}

/** What a look at stored bytes found, and what became of it. */
export type BlobHealth = 'sound' | 'restored' | 'damaged'

/**
 * Whether the bytes of a blob are there, as many as there were; with `reads` whether they are the same. What is
 * not is brought back from the replica where that has them.
 */
export async function checkBlob(
  deps: CheckDeps,
  blob: BlobRow,
  { reads }: { readonly reads: boolean },
): Promise<BlobHealth> {
  const object = await deps.objects.head(blobObjectKey(blob.key))
  const hasSize = object?.sizeBytes === blob.sizeBytes
  if (hasSize && (!reads || (await hasBytesOf(deps.objects, blob)))) return 'sound'
  // Deleted while it was looked at.
  const current = await deps.blobs.read(blob.key)
  if (current === undefined || current.state === 'deleting') return 'sound'
  return (await restoreBlob(deps, blob)) ? 'restored' : 'damaged'
}
