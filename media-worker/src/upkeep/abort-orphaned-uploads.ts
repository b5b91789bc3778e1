import { parseAttachmentId } from '@satchel/protocol'
import type { WorkerDeps } from '../worker-deps.ts'

const PAGE = 100

/**
 * Frees room that was made for uploads no row knows of: `begin` died in between. Older than any upload may
 * become, so that no row can still be on its way.
 */
export async function abortOrphanedUploads(deps: WorkerDeps): Promise<number> {
  const beforeMs = deps.clock.nowMs() - deps.settings.ageMs
  let aborted = 0
  for (const upload of await deps.uploadTarget.listOpen(beforeMs, PAGE)) {
    const id = parseAttachmentId(upload.key.slice(upload.key.lastIndexOf('/') + 1))
    const row = id === undefined ? undefined : await deps.attachments.read(id)
    if (row?.staging.targetId === upload.targetId) continue
    await deps.uploadTarget.abort(upload)
    aborted++
  }
  return aborted
}
