import { enqueueHls, hlsJobId, isHlsOwed } from '@satchel/chat-core'
import type { AttachmentRow } from '@satchel/chat-core/ports'
import type { WorkerDeps } from '../worker-deps.ts'

/** Asks for the HLS an attachment is due, also where a worker has given up; false when it is due none. */
export async function askForHls(
  deps: Pick<WorkerDeps, 'jobs'>,
  row: AttachmentRow,
): Promise<boolean> {
  if (!isHlsOwed(row)) return false
  if (!(await deps.jobs.revive(hlsJobId(row.id)))) await enqueueHls(deps, row)
  return true
}
