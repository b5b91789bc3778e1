import type { AttachmentRow } from '@satchel/chat-core/ports'
import { parseAttachmentId } from '@satchel/protocol'
import type { WorkerDeps } from '../worker-deps.ts'

/**
 * Frees room that no row has a use for: `begin` died in between, or bytes came after all was over. Older
 * than any upload may become, so that no row can still be on its way.
 */
export async function abortOrphanedUploads(deps: WorkerDeps): Promise<number> {
  const beforeMs = deps.clock.nowMs() - deps.settings.ageMs
  let aborted = 0
  for await (const upload of deps.uploadTarget.listOpen(beforeMs)) {
    const id = parseAttachmentId(upload.key.slice(upload.key.lastIndexOf('/') + 1))
    const row = id === undefined ? undefined : await deps.attachments.read(id)
    if (row?.staging.key === upload.key && mayNeedStaging(row)) continue
    await deps.uploadTarget.abort(upload)
    aborted++
  }
  return aborted
}

/** Bytes that are still coming or being judged, or that an operator may have judged once more. */
function mayNeedStaging({ state }: AttachmentRow): boolean {
  return state === 'uploading' || state === 'processing' || state === 'failed'
}
