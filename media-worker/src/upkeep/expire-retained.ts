import { changeAttachment, releaseBytes, reportResult, retainedUntilMs } from '@satchel/chat-core'
import type { AttachmentRow } from '@satchel/chat-core/ports'
import type { WorkerDeps } from '../worker-deps.ts'

/** An attachment in a message is as old as files may become: its bytes go, and the message that stays says so. */
export async function expireRetained(
  deps: Pick<
    WorkerDeps,
    | 'attachments'
    | 'blobs'
    | 'uploadTarget'
    | 'clock'
    | 'settings'
    | 'submitResult'
    | 'timeline'
    | 'telemetry'
  >,
  { id }: Pick<AttachmentRow, 'id'>,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  const { row, changed } = await changeAttachment(deps, id, (latest) => {
    if (latest.state !== 'ready' || latest.detached === true) return undefined
    const untilMs = retainedUntilMs(deps.settings, latest)
    // The setting has changed since.
    if (untilMs === undefined || untilMs > nowMs) return { ...latest, dueMs: untilMs }
    // What is cut off below is made up for when its row is forgotten, soon.
    const dueMs = nowMs + deps.settings.stuckMs
    return { ...latest, state: 'expired', reason: 'retention', dueMs }
  })
  if (row?.state !== 'expired') return
  await releaseBytes(deps, row)
  await reportResult(deps, row)
  if (changed) deps.telemetry.retentionOver(id)
}
