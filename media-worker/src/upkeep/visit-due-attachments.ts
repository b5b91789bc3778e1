import {
  changeAttachment,
  enqueueProcessing,
  expireUpload,
  releaseBytes,
  reportResult,
} from '@satchel/chat-core'
import type { AttachmentRow } from '@satchel/chat-core/ports'
import type { WorkerDeps } from '../worker-deps.ts'
import { expireRetained } from './expire-retained.ts'

const PAGE = 100
/** Each waits for servers most of the time: one after the other, a hundred thousand that were abandoned would take hours. */
const VISITS_AT_ONCE = 16

/** Looks at every row whose time has come; says at how many. One that fails does not keep the others waiting. */
export async function visitDueAttachments(deps: WorkerDeps): Promise<number> {
  let visited = 0
  for (;;) {
    const rows = await deps.attachments.listDue(deps.clock.nowMs(), PAGE)
    const failed = await visitAll(deps, rows)
    visited += rows.length - failed
    if (rows.length < PAGE || failed === rows.length) return visited
  }
}

/** Says how many failed. */
async function visitAll(deps: WorkerDeps, rows: readonly AttachmentRow[]): Promise<number> {
  const left = [...rows]
  let failed = 0
  const line = async (): Promise<void> => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      try {
        await visit(deps, row)
      } catch (error) {
        failed++
        deps.telemetry.upkeepFailed(error)
      }
    }
  }
  await Promise.all(Array.from({ length: VISITS_AT_ONCE }, line))
  return failed
}

async function visit(deps: WorkerDeps, row: AttachmentRow): Promise<void> {
  switch (row.state) {
    case 'uploading':
      return visitUploading(deps, row)
    case 'processing':
      return visitProcessing(deps, row)
    case 'ready':
      if (row.detached === true) return forget(deps, row)
      return row.messageSeq === undefined ? expireUnattached(deps, row) : expireRetained(deps, row)
    case 'rejected':
    case 'failed':
    case 'expired':
      return forget(deps, row)
    default:
      return row.state satisfies never
  }
}

/** Abandoned since nobody asked and no part came, or older than an upload may become. */
async function visitUploading(deps: WorkerDeps, row: AttachmentRow): Promise<void> {
  const { clock, settings, uploadTarget } = deps
  const parts = await uploadTarget.received(row.staging)
  const lastMs = Math.max(row.touchedMs, ...parts.map(({ receivedAtMs }) => receivedAtMs))
  const dueMs = Math.min(lastMs + settings.idleMs, row.createdMs + settings.ageMs)
  if (dueMs <= clock.nowMs()) {
    // Whoever touches it at this moment keeps it alive.
    await expireUpload(deps, row.id, 'abandoned', (latest) => latest.touchedMs === row.touchedMs)
    return
  }
  await changeAttachment(deps, row.id, (latest) =>
    latest.state === 'uploading' ? { ...latest, dueMs } : undefined,
  )
}

/** Complete for a while: its job was lost, or takes long. A job that is there stays the only one. */
async function visitProcessing(deps: WorkerDeps, row: AttachmentRow): Promise<void> {
  const { clock, settings } = deps
  const nowMs = clock.nowMs()
  const lateMs = row.touchedMs + settings.stuckMs
  if (lateMs <= nowMs) {
    deps.telemetry.stillWaiting(row.id)
    await enqueueProcessing(deps, row.id)
  }
  const dueMs = lateMs <= nowMs ? nowMs + settings.stuckMs : lateMs
  await changeAttachment(deps, row.id, (latest) =>
    latest.state === 'processing' ? { ...latest, dueMs } : undefined,
  )
}

/** In no message for long enough; one that comes at this moment wins. */
async function expireUnattached(deps: WorkerDeps, row: AttachmentRow): Promise<void> {
  const dueMs = deps.clock.nowMs() + deps.settings.graceMs
  const { row: current } = await changeAttachment(deps, row.id, (latest) => {
    if (latest.state !== 'ready' || latest.messageSeq !== undefined) return undefined
    return { ...latest, state: 'expired', reason: 'unattached', dueMs }
  })
  if (current?.state === 'expired') await releaseBytes(deps, current)
}

/** The end of a row that came to nothing, or whose message is gone. */
async function forget(deps: WorkerDeps, row: AttachmentRow): Promise<void> {
  await releaseBytes(deps, row)
  await reportResult(deps, row)
  await deps.attachments.remove(row)
}
