import { changeAttachment, retainedUntilMs } from '@satchel/chat-core'
import type { AttachmentRow } from '@satchel/chat-core/ports'
import { parseAttachmentId } from '@satchel/protocol'
import type { WorkerDeps } from '../worker-deps.ts'
import { walkDaily } from './walk-daily.ts'

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
  return walkDaily(deps, {
    name: 'retention-sweep',
    rows: (after) => deps.catalogueWalk.attachments(after),
    idOf: ({ id }) => id,
    parseId: parseAttachmentId,
    visit: (row) => setDue(deps, row),
    visitsPerRound: CHANGES_PER_ROUND,
  })
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
