import { enqueueProcessing, processingJobId } from '@satchel/chat-core'
import type { AttachmentId } from '@satchel/protocol'
import type { ReconcileDeps } from './reconcile-deps.ts'

/** Has bytes judged, also where a worker has given up: its job lies dead, and a dead one keeps others of its id away. */
export async function askAgain(
  deps: Pick<ReconcileDeps, 'jobs'>,
  attachment: AttachmentId,
): Promise<void> {
  const isRevived = await deps.jobs.revive(processingJobId(attachment))
  if (!isRevived) await enqueueProcessing(deps, attachment)
}
