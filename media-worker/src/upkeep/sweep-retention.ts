import { changeAttachment, retainedUntilMs } from '@satchel/chat-core'
import type { AttachmentRow } from '@satchel/chat-core/ports'
import { parseAttachmentId } from '@satchel/protocol'
import type { WorkerDeps } from '../worker-deps.ts'
import { readWalkProgress, writeWalkProgress } from './walk-progress.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
/** What one round may do, so that it ends within seconds. */
const ROWS_PER_ROUND = 20_000
const CHANGES_PER_ROUND = 500

type SweepDeps = Pick<
  WorkerDeps,
  'attachments' | 'catalogueWalk' | 'objects' | 'clock' | 'settings'
>

/**
 * Once a day, a little each time it is called, over all attachments: those in messages from before the setting,
 * or from when it said more, get their time. Gives how many did. Does nothing without the setting.
 */
export async function sweepRetention(deps: SweepDeps): Promise<number> {
  if (deps.settings.retentionMs === undefined) return 0
  const day = Math.floor(deps.clock.nowMs() / DAY_MS)
  const wanted = { day, parseId: parseAttachmentId }
  const progress = await readWalkProgress(deps.objects, 'retention-sweep', wanted)
  if (progress.isOver) return 0
  let { after } = progress
  let rows = 0
  let changes = 0
  for await (const row of deps.catalogueWalk.attachments(after)) {
    if (await setDue(deps, row)) changes++
    after = row.id
    if (++rows >= ROWS_PER_ROUND || changes >= CHANGES_PER_ROUND) {
      await writeWalkProgress(deps.objects, 'retention-sweep', { day, after, isOver: false })
      return changes
    }
  }
  await writeWalkProgress(deps.objects, 'retention-sweep', { day, after, isOver: true })
  return changes
}

async function setDue(deps: SweepDeps, { id, ...row }: AttachmentRow): Promise<boolean> {
  if (!isDueLater(deps, row)) return false
  const { changed } = await changeAttachment(deps, id, (latest) =>
    isDueLater(deps, latest)
      ? { ...latest, dueMs: retainedUntilMs(deps.settings, latest) }
      : undefined,
  )
  return changed
}

/** Whether it would outlive the setting. */
function isDueLater(
  { settings }: SweepDeps,
  row: Pick<AttachmentRow, 'state' | 'createdMs' | 'messageSeq' | 'detached' | 'dueMs'>,
): boolean {
  const untilMs = retainedUntilMs(settings, row)
  if (untilMs === undefined || row.messageSeq === undefined || row.detached === true) return false
  return row.dueMs === undefined || row.dueMs > untilMs
}
