import { ChatError, type AttachmentId, type UploadState, type UserId } from '@satchel/protocol'
import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import { changeAttachment } from './change-attachment.ts'
import { enqueueProcessing } from './enqueue-processing.ts'
import { requireUpload } from './read-upload.ts'
import type { UploadDeps } from './upload-deps.ts'
import { uploadStateOf } from './upload-plan.ts'

type CompleteDeps = Pick<UploadDeps, 'attachments' | 'uploadTarget' | 'jobs' | 'clock' | 'settings'>

/**
 * Says that all bytes have been brought; they are judged from now on. `parts_missing` lists what has not
 * arrived. Complete already, or twice at once: one does it, the other gets the state.
 */
export async function completeUpload(
  deps: CompleteDeps,
  userId: UserId,
  attachmentId: AttachmentId,
): Promise<UploadState> {
  const row = await requireUpload(deps, userId, attachmentId)
  if (row.state !== 'uploading') return uploadStateOf(row)
  const assembled = await deps.uploadTarget.assemble(row.staging)
  switch (assembled.kind) {
    case 'assembled':
      return uploadStateOf(await startProcessing(deps, row, assembled.etag))
    case 'missing': {
      // Or it is complete and has been copied already: the row knows.
      const current = await requireUpload(deps, userId, attachmentId)
      if (current.state !== 'uploading') return uploadStateOf(current)
      throw new ChatError('parts_missing', `${assembled.parts.length} parts are missing`, {
        missingParts: assembled.parts,
      })
    }
    case 'gone':
      return uploadStateOf(await requireUpload(deps, userId, attachmentId))
    default:
      return assembled satisfies never
  }
}

async function startProcessing(
  deps: CompleteDeps,
  row: AttachmentRow,
  etag: string,
): Promise<AttachmentRow> {
  const nowMs = deps.clock.nowMs()
  const stuckMs = nowMs + deps.settings.stuckMs
  const process = (latest: AttachmentRow): AttachmentRow | undefined => {
    if (latest.state !== 'uploading' || latest.detached === true) return undefined
    // Most uploads are looked at that soon anyway: then there is one thing less to write.
    const dueMs = Math.min(latest.dueMs ?? stuckMs, stuckMs)
    return { ...latest, state: 'processing', etag, touchedMs: nowMs, dueMs }
  }
  const { row: current = row } = await changeAttachment(deps, row.id, process, row)
  // Whoever lost the race enqueues too: the winner may die before it does, and twice is once.
  if (current.state === 'processing') await enqueueProcessing(deps, row.id)
  return current
}
