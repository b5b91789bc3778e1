import { isMarkNeeded } from '@satchel/chat-core'
import type { BlobRow } from '@satchel/chat-core/ports'
import { parseBlobKey, type BlobKey } from '@satchel/protocol'
import { listObjects } from '../list-objects.ts'
import { listMarks } from '../upkeep/sweep-marks.ts'
import type { Finding } from './finding.ts'
import type { ReconcileDeps } from './reconcile-deps.ts'

type OrphanDeps = Pick<ReconcileDeps, 'objects' | 'blobs' | 'clock' | 'orphanAgeMs'>

/** From the bucket's side: objects whose blob the catalogue does not have. */
export async function* findOrphans(deps: OrphanDeps): AsyncGenerator<Finding> {
  yield* findBytes(deps)
  yield* findDerived(deps)
  for await (const blob of listMarks(deps))
    if (!(await isMarkNeeded(deps, blob))) yield { kind: 'mark_without_need', blob }
}

async function* findBytes(deps: OrphanDeps): AsyncGenerator<Finding> {
  for await (const key of listObjects(deps.objects, 'blob/')) {
    if (await isOrphan(deps, key, parseBlobKey(key.slice('blob/'.length))))
      yield { kind: 'object_without_row', key }
  }
}

async function* findDerived(deps: OrphanDeps): AsyncGenerator<Finding> {
  // Those of one blob come one after the other.
  let blob: BlobKey | undefined
  let row: BlobRow | undefined
  for await (const key of listObjects(deps.objects, 'derived/')) {
    const [, name = '', version = ''] = key.split('/', 3)
    const of = parseBlobKey(name)
    if (of === undefined || of !== blob) row = of && (await deps.blobs.read(of))
    blob = of
    const finding = findingOf(key, row, Number(version))
    if (finding !== undefined && (await isOld(deps, key))) yield finding
  }
}

function findingOf(key: string, row: BlobRow | undefined, version: number): Finding | undefined {
  if (row === undefined) return { kind: 'derived_without_blob', key }
  if (!isForgotten(row, version)) return undefined
  return { kind: 'derived_of_former_pipeline', key, blob: row.key, version }
}

/** Whether upkeep would never come for what this version made. */
export function isForgotten({ state, facts, former }: BlobRow, version: number): boolean {
  const isNoted = former?.versions.includes(version) === true
  return state === 'live' && facts !== undefined && version < facts.pipelineVersion && !isNoted
}

/** Whether nothing leads to these bytes, and nothing will. */
export async function isOrphan(
  deps: OrphanDeps,
  key: string,
  blob: BlobKey | undefined,
): Promise<boolean> {
  if (blob !== undefined && (await hasBlob(deps, blob))) return false
  return isOld(deps, key)
}

async function hasBlob({ blobs }: OrphanDeps, blob: BlobKey): Promise<boolean> {
  return (await blobs.read(blob)) !== undefined
}

async function isOld({ objects, clock, orphanAgeMs }: OrphanDeps, key: string): Promise<boolean> {
  const object = await objects.head(key)
  return object !== undefined && object.modifiedMs <= clock.nowMs() - orphanAgeMs
}
