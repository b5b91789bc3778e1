import type { BlobKey } from '@satchel/protocol'
import type { BlobCatalogue } from '../ports/blob-catalogue.ts'
import type { ObjectStore } from '../ports/object-store.ts'
import { condemnedMarkKey } from './object-keys.ts'

// Of two who mark and unmark at once, one settles it in its second round.
const ROUNDS = 4

/**
 * The catalogue, with a mark in the object store for each blob that nothing refers to: edges refuse it though links
 * hold. A change settles when the mark agrees with it; where that fails, the change is made, and making it again
 * mends the mark.
 */
export function markCondemned(
  blobs: BlobCatalogue,
  objects: Pick<ObjectStore, 'put' | 'remove'>,
): BlobCatalogue {
  const settle = (key: BlobKey) => settleMark({ blobs, objects }, key)
  return {
    read: (key) => blobs.read(key),
    store: async (blob, reference) => {
      // Only a key that has never been used has no mark: a worker that starts again stores under the same.
      const isNew = (await blobs.read(blob.key)) === undefined
      const row = await blobs.store(blob, reference)
      if (!isNew || row.key !== blob.key) await settle(row.key)
      return row
    },
    addReference: async (key, reference) => {
      const isAdded = await blobs.addReference(key, reference)
      if (isAdded) await settle(key)
      return isAdded
    },
    removeReference: async (key, reference, nowMs) => {
      await blobs.removeReference(key, reference, nowMs)
      await settle(key)
    },
    describe: (key, facts) => blobs.describe(key, facts),
    replaceFormer: (row, former) => blobs.replaceFormer(row, former),
    listCondemned: (beforeMs, limit) => blobs.listCondemned(beforeMs, limit),
    beginDeletion: (key, condemnedBeforeMs) => blobs.beginDeletion(key, condemnedBeforeMs),
    remove: async (key) => {
      // Before its row: whoever is stopped in between comes back for the row, and nobody for a mark alone.
      await objects.remove([condemnedMarkKey(key)])
      await blobs.remove(key)
    },
  }
}

/** Makes the mark of a blob agree with its row, whoever changes that at the same time. */
export async function settleMark(
  {
    blobs,
    objects,
  }: {
    readonly blobs: Pick<BlobCatalogue, 'read'>
    readonly objects: Pick<ObjectStore, 'put' | 'remove'>
  },
  key: BlobKey,
): Promise<void> {
  const mark = condemnedMarkKey(key)
  for (let round = 0; round < ROUNDS; round++) {
    const before = await isMarkNeeded({ blobs }, key)
    if (before) await objects.put(mark, nothing(), 0)
    else await objects.remove([mark])
    // Changed meanwhile by somebody whose mark may have come before ours.
    if ((await isMarkNeeded({ blobs }, key)) === before) return
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An empty object.
}

/** Whether links to the blob have to be refused: it is there, and not to be seen. */
export async function isMarkNeeded(
  { blobs }: { readonly blobs: Pick<BlobCatalogue, 'read'> },
  key: BlobKey,
): Promise<boolean> {
  const row = await blobs.read(key)
  return row !== undefined && row.state !== 'live'
}
