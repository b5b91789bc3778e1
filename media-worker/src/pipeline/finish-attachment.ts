import {
  changeAttachment,
  enqueueHls,
  releaseBytes,
  reportResult,
  retainedUntilMs,
} from '@satchel/chat-core'
import type { AttachmentRow, BlobFacts } from '@satchel/chat-core/ports'
import type { WorkerDeps } from '../worker-deps.ts'

type FinishDeps = Pick<
  WorkerDeps,
  | 'attachments'
  | 'jobs'
  | 'blobs'
  | 'uploadTarget'
  | 'clock'
  | 'settings'
  | 'submitResult'
  | 'timeline'
>

/** What became of bytes that were being judged. */
export type Finish =
  | { readonly state: 'ready'; readonly facts: BlobFacts }
  | { readonly state: 'rejected' | 'failed'; readonly reason: string }

/** Writes the outcome of bytes that were being judged, and sees to what follows from it. */
export async function finishAttachment(
  deps: FinishDeps,
  attachment: AttachmentRow,
  finish: Finish,
): Promise<AttachmentRow | undefined> {
  const { row } = await changeAttachment(deps, attachment.id, (latest) =>
    latest.state === 'processing' ? finished(deps, latest, finish) : undefined,
  )
  if (row !== undefined) await settleAttachment(deps, row)
  return row
}

/**
 * Tells the message what was found, if there is one yet. Bytes whose message was deleted meanwhile, or that
 * were rejected, are released. Bytes that failed are kept: an operator may try again. What takes long is left
 * to a job of its own. Again: nothing.
 */
export async function settleAttachment(deps: FinishDeps, row: AttachmentRow): Promise<void> {
  if (row.detached === true || row.state === 'rejected') await releaseBytes(deps, row)
  await reportResult(deps, row)
  await enqueueHls(deps, row)
}

function finished(
  { clock, settings }: FinishDeps,
  row: AttachmentRow,
  finish: Finish,
): AttachmentRow {
  const nowMs = clock.nowMs()
  const next = { ...row, ...finish, faults: undefined }
  if (row.detached === true) return { ...next, dueMs: nowMs + settings.graceMs }
  const isAttached = row.messageSeq !== undefined
  return {
    ...next,
    dueMs: isAttached ? retainedUntilMs(settings, next) : nowMs + settings.unattachedMs,
  }
}
