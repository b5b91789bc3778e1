import { blobObjectKey, derivedPrefix } from '@satchel/chat-core'
import { removeUnder } from '../remove-under.ts'
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
      await removeUnder(deps.objects, derivedPrefix(key))
      await deps.objects.remove([blobObjectKey(key)])
      await deps.blobs.remove(key)
      deleted++
    }
    if (condemned.length < PAGE) return deleted
  }
}
