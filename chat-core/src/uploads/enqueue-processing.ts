import type { AttachmentId } from '@satchel/protocol'
import type { UploadDeps } from './upload-deps.ts'

/** Asks for the bytes of an attachment to be judged; asking again while that is under way does nothing. */
export async function enqueueProcessing(
  deps: Pick<UploadDeps, 'jobs'>,
  attachmentId: AttachmentId,
): Promise<void> {
  await deps.jobs.enqueue(processingJobId(attachmentId), {
    kind: 'process_attachment',
    attachmentId,
  })
}

export function processingJobId(attachmentId: AttachmentId): string {
  return `process:${attachmentId}`
}
