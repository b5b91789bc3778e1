import { isHlsOwed } from '@satchel/chat-core'
import type { AttachmentRow } from '@satchel/chat-core/ports'
import { needsBytes } from './find-lost-objects.ts'
import type { Finding } from './finding.ts'
import type { ReconcileDeps } from './reconcile-deps.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

type RowDeps = Pick<ReconcileDeps, 'catalogueWalk' | 'blobs' | 'clock' | 'settings'>

/** From the attachments' side: those without what they need, and those that wait for somebody. */
export async function* findLostRows(deps: RowDeps): AsyncGenerator<Finding> {
  for await (const row of deps.catalogueWalk.attachments()) {
    const finding = await findingOf(deps, row)
    if (finding !== undefined) yield finding
  }
}

/** What is wrong with an attachment; `undefined` when nothing is. */
export async function findingOf(
  { catalogueWalk, blobs, clock, settings }: RowDeps,
  row: AttachmentRow,
): Promise<Finding | undefined> {
  const { id: attachment } = row
  if (row.state === 'processing' && row.touchedMs <= clock.nowMs() - settings.stuckMs)
    return { kind: 'attachment_without_verdict', attachment }
  if (row.state === 'failed' && row.detached !== true)
    return { kind: 'attachment_failed', attachment }
  if (!needsBytes(row)) return undefined
  const blob = await blobs.read(row.blob)
  if (blob === undefined || blob.state === 'deleting')
    return { kind: 'attachment_without_blob', attachment }
  if (!(await catalogueWalk.isReferred(row.blob, row.id)))
    return { kind: 'attachment_without_reference', blob: row.blob, attachment }
  if (isHlsOwed(row) && row.touchedMs <= clock.nowMs() - DAY_MS)
    return { kind: 'attachment_without_hls', attachment }
  return undefined
}
