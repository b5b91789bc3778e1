import { blobObjectKey, derivedPrefix } from '@satchel/chat-core'
import type { BlobKey } from '@satchel/protocol'
import type { WorkerDeps } from '../worker-deps.ts'

const PAGE = 100

/** Deletes bytes that nothing has referred to for longer than the grace, with all that was made of them. */
export async function deleteCondemnedBlobs(deps: WorkerDeps): Promise<number> {
  const beforeMs = deps.clock.nowMs() - deps.settings.graceMs
  let deleted = 0
  for (;;) {
    const condemned = await deps.blobs.listCondemned(beforeMs, PAGE)
    for (const { key } of condemned) {
      // A reference that came meanwhile has won.
      if (!(await deps.blobs.beginDeletion(key, beforeMs))) continue
      await deleteObjects(deps, key)
      await deps.blobs.remove(key)
      deleted++
    }
    if (condemned.length < PAGE) return deleted
  }
}

async function deleteObjects(
  { objects }: Pick<WorkerDeps, 'objects'>,
  key: BlobKey,
): Promise<void> {
  for (;;) {
    const derived = await objects.list(derivedPrefix(key), { limit: PAGE })
    await objects.remove(derived)
    if (derived.length < PAGE) break
  }
  await objects.remove([blobObjectKey(key)])
}
