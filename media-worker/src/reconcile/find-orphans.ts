import { parseBlobKey, type BlobKey } from '@satchel/protocol'
import type { Finding } from './finding.ts'
import type { ReconcileDeps } from './reconcile-deps.ts'

type OrphanDeps = Pick<ReconcileDeps, 'objects' | 'blobs' | 'clock' | 'orphanAgeMs'>

const PAGE = 500

/** From the bucket's side: objects whose blob the catalogue does not have. */
export async function* findOrphans(deps: OrphanDeps): AsyncGenerator<Finding> {
  for await (const key of listObjects(deps, 'blob/')) {
    if (await isOrphan(deps, key, parseBlobKey(key.slice('blob/'.length))))
      yield { kind: 'object_without_row', key }
  }
  // Those of one blob come one after the other.
  let blob: BlobKey | undefined
  let hasRow = false
  for await (const key of listObjects(deps, 'derived/')) {
    const of = parseBlobKey(key.split('/', 2)[1] ?? '')
    if (of === undefined || of !== blob) hasRow = of !== undefined && (await hasBlob(deps, of))
    blob = of
    if (!hasRow && (await isOld(deps, key))) yield { kind: 'derived_without_blob', key }
  }
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

async function* listObjects(
  { objects }: Pick<OrphanDeps, 'objects'>,
  prefix: string,
): AsyncGenerator<string> {
  for (let after: string | undefined; ;) {
    const keys = await objects.list(prefix, { after, limit: PAGE })
    yield* keys
    after = keys.at(-1)
    if (keys.length < PAGE) return
  }
}
