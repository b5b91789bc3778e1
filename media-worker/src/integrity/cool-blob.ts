import { blobObjectKey } from '@satchel/chat-core'
import type { UploadDeps } from '@satchel/chat-core'
import type { BlobCatalogue, BlobRow, ColdStorage, ObjectStore } from '@satchel/chat-core/ports'
import { removeIfGone } from '../remove-if-gone.ts'

/** When originals move to where keeping them costs less, and who moves them. */
export interface Tiering {
  readonly storage: ColdStorage
  readonly ageMs: number
}

interface CoolDeps {
  readonly tiering?: Tiering | undefined
  readonly clock: UploadDeps['clock']
  readonly objects: ObjectStore
  readonly blobs: Pick<BlobCatalogue, 'read'>
}

/** Moves an original that is old enough, once. What was made of it stays: that is what readers are shown. */
export async function coolBlob(deps: CoolDeps, { key, state }: BlobRow): Promise<boolean> {
  const { tiering, clock } = deps
  // What nothing refers to is about to go.
  if (tiering === undefined || state !== 'live') return false
  const beforeMs = clock.nowMs() - tiering.ageMs
  const isCooled = await tiering.storage.coolObject(blobObjectKey(key), beforeMs)
  return isCooled && !(await removeIfGone(deps, key))
}
