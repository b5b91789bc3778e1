import { CONDEMNED_MARKS, condemnedMarkKey, isMarkNeeded, settleMark } from '@satchel/chat-core'
import { parseBlobKey, type BlobKey } from '@satchel/protocol'
import { listObjects } from '../list-objects.ts'
import type { WorkerDeps } from '../worker-deps.ts'
import { walkDaily } from './walk-daily.ts'

const MARKS_PER_ROUND = 500

type MarkDeps = Pick<WorkerDeps, 'objects' | 'blobs'>

/**
 * Once a day, a little each time it is called, over all marks by which edges refuse what was deleted: those that
 * somebody has died over, of blobs that live or are gone, are removed. Gives how many. Those of blobs that nobody
 * knows of stay as long as links may hold: it may be the catalogue that is a wrong one, or an older one.
 */
export async function sweepMarks(
  deps: MarkDeps & Pick<WorkerDeps, 'clock' | 'settings' | 'telemetry'>,
): Promise<number> {
  return walkDaily(deps, {
    name: 'condemned-marks',
    rows: (after) => listMarks(deps, after),
    idOf: (key) => key,
    parseId: parseBlobKey,
    async visit(key) {
      if ((await isMarkNeeded(deps, key)) || (await isInDoubt(deps, key))) return false
      await settleMark(deps, key)
      deps.telemetry.markRemoved(key)
      return true
    },
    visitsPerRound: MARKS_PER_ROUND,
  })
}

/** Blobs that have a mark; where there is no edge, none. */
export async function* listMarks(
  { objects }: Pick<MarkDeps, 'objects'>,
  after?: BlobKey,
): AsyncGenerator<BlobKey> {
  const behind = after && condemnedMarkKey(after)
  for await (const object of listObjects(objects, CONDEMNED_MARKS, behind)) {
    const key = parseBlobKey(object.slice(CONDEMNED_MARKS.length))
    if (key !== undefined) yield key
  }
}

/** Whether nobody knows of the blob, and the mark is young enough for links that it refuses. */
async function isInDoubt(
  { blobs, objects, clock, settings }: MarkDeps & Pick<WorkerDeps, 'clock' | 'settings'>,
  key: BlobKey,
): Promise<boolean> {
  if ((await blobs.read(key)) !== undefined) return false
  const mark = await objects.head(condemnedMarkKey(key))
  return mark !== undefined && mark.modifiedMs > clock.nowMs() - settings.graceMs
}
