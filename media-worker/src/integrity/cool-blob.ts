import { blobObjectKey } from '@satchel/chat-core'
import type { BlobRow, ColdStorage } from '@satchel/chat-core/ports'
import type { UploadDeps } from '@satchel/chat-core'

/** When originals move to where keeping them costs less, and who moves them. */
export interface Tiering {
  readonly storage: ColdStorage
  readonly ageMs: number
}

/** Moves an original that is old enough, once. What was made of it stays: that is what readers are shown. */
export async function coolBlob(
  {
    tiering,
    clock,
  }: { readonly tiering?: Tiering | undefined; readonly clock: UploadDeps['clock'] },
  { key, state }: BlobRow,
): Promise<boolean> {
  // What nothing refers to is about to go.
  if (tiering === undefined || state !== 'live') return false
  return tiering.storage.coolObject(blobObjectKey(key), clock.nowMs() - tiering.ageMs)
}
