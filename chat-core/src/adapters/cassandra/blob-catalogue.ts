import { ChatError, type AttachmentId, type BlobKey } from '@satchel/protocol'
import type {
  BlobCatalogue,
  BlobRow,
  FormerPipelines,
  NewBlob,
} from '../../ports/blob-catalogue.ts'
import type { Clock } from '../../ports/clock.ts'
import {
  mayBeginDeletion,
  newBlobCell,
  withDeletion,
  withFacts,
  withFormer,
  withReference,
  withoutReference,
  type BlobCell,
} from '../blob-cell.ts'
import { BlobHashes } from './blob-hashes.ts'
import { BlobRows, type BlobChange, type FoundBlob } from './blob-rows.ts'
import type { CassandraClient } from './cassandra-client.ts'
import { DueIndex } from './due-index.ts'
import { idBytes, parseStoredBlobKey } from './stored-id.ts'

export interface CassandraBlobCatalogueOptions {
  readonly client: Pick<
    CassandraClient,
    'keyspace' | 'read' | 'readSettled' | 'write' | 'writeEach' | 'writeIf'
  >
  readonly clock: Clock
}

interface Parts {
  readonly blobs: BlobRows
  readonly hashes: BlobHashes
  readonly condemned: DueIndex
}

const NONE: BlobChange = { kind: 'none' }
const MAX_STORE_TRIES = 20

/**
 * Blobs under conditional writes. The row of new bytes is there before their hash says so: whoever finds a
 * hash finds the bytes, or bytes that are going.
 */
export function openCassandraBlobCatalogue({
  client,
  clock,
}: CassandraBlobCatalogueOptions): BlobCatalogue {
  const blobs = new BlobRows(client, clock)
  const parts: Parts = {
    blobs,
    hashes: new BlobHashes(client),
    condemned: new DueIndex({ client, clock, kind: 'blob' }),
  }
  return {
    read: async (key) => (await blobs.read(key))?.row,
    store: (blob, reference) => storeBlob(parts, blob, reference),
    addReference: async (key, reference) => (await refer(parts, key, reference)) !== undefined,
    removeReference: (key, reference, nowMs) => removeReference(parts, key, reference, nowMs),
    async describe(key, facts) {
      await blobs.change(key, undefined, ({ cell }) => {
        const described = cell && withFacts(cell, facts)
        return described === undefined ? NONE : { kind: 'write', cell: described }
      })
    },
    replaceFormer: (row, former) => replaceFormer(parts, row, former),
    listCondemned: (beforeMs, limit) =>
      parts.condemned.list(beforeMs, limit, async (id) => {
        const row = (await blobs.read(parseStoredBlobKey(id)))?.row
        return row && { row, dueMs: row.condemnedMs }
      }),
    beginDeletion: (key, condemnedBeforeMs) => beginDeletion(parts, key, condemnedBeforeMs),
    remove: (key) => removeBlob(parts, key),
  }
}

async function storeBlob(parts: Parts, blob: NewBlob, reference: AttachmentId): Promise<BlobRow> {
  for (let attempt = 1; attempt <= MAX_STORE_TRIES; attempt++) {
    const holder = await parts.hashes.read(blob.sha256)
    if (holder !== undefined && holder !== blob.key) {
      const row = await refer(parts, holder, reference)
      if (row !== undefined) {
        await dropCopy(parts, blob.key, reference)
        return row
      }
    }
    const own = await keepCopy(parts, blob, reference)
    if (holder === blob.key) return own
    if (await parts.hashes.take(blob.sha256, holder, blob.key)) return own
  }
  throw new ChatError('unavailable', 'too many store the same bytes at once')
}

/** The row of new bytes, with their first reference; again: the same. */
async function keepCopy(parts: Parts, blob: NewBlob, reference: AttachmentId): Promise<BlobRow> {
  const row = await refer(parts, blob.key, reference, newBlobCell(blob))
  if (row === undefined) throw new ChatError('internal', `${blob.key} is being deleted`)
  return row
}

/** What an earlier try of the same storing may have kept, before it found that others have the bytes. */
async function dropCopy({ blobs }: Parts, key: BlobKey, reference: AttachmentId): Promise<void> {
  await blobs.change(key, reference, ({ cell }) => (cell === undefined ? NONE : { kind: 'forget' }))
}

/**
 * The row of the blob, live with this reference; `undefined` when it is being deleted, or gone and nothing
 * was given to make it from.
 */
async function refer(
  { blobs }: Parts,
  key: BlobKey,
  reference: AttachmentId,
  otherwise?: BlobCell,
): Promise<BlobRow | undefined> {
  let row: BlobRow | undefined
  await blobs.change(key, reference, ({ cell = otherwise, isReferred }) => {
    row = undefined
    if (cell === undefined || cell.row.state === 'deleting') return NONE
    const referred = withReference(cell, !isReferred)
    row = referred.row
    const isSame = isReferred && cell.row.state === 'live'
    return isSame ? NONE : { kind: 'write', cell: referred, reference: 'add' }
  })
  return row
}

async function removeReference(
  { blobs, condemned }: Parts,
  key: BlobKey,
  reference: AttachmentId,
  nowMs: number,
): Promise<void> {
  await blobs.change(key, reference, ({ cell, isReferred }) => {
    if (cell === undefined || !isReferred) return NONE
    const released = withoutReference(cell, nowMs)
    const { condemnedMs } = released.row
    const indexFirst =
      condemnedMs === undefined ? undefined : () => condemned.note(condemnedMs, idBytes(key))
    return { kind: 'write', cell: released, reference: 'remove', indexFirst }
  })
}

async function replaceFormer(
  { blobs }: Parts,
  { key, former: expected }: Pick<BlobRow, 'key' | 'former'>,
  former: FormerPipelines | undefined,
): Promise<boolean> {
  let isReplaced = false
  await blobs.change(key, undefined, ({ cell }: FoundBlob) => {
    const noted = cell && withFormer(cell, expected, former)
    isReplaced = noted !== undefined
    return noted === undefined ? NONE : { kind: 'write', cell: noted }
  })
  return isReplaced
}

async function beginDeletion(
  { blobs }: Parts,
  key: BlobKey,
  condemnedBeforeMs: number,
): Promise<boolean> {
  let isBegun = false
  await blobs.change(key, undefined, ({ cell }: FoundBlob) => {
    isBegun = cell?.row.state === 'deleting'
    if (cell === undefined || isBegun) return NONE
    isBegun = mayBeginDeletion(cell, condemnedBeforeMs)
    return isBegun ? { kind: 'write', cell: withDeletion(cell) } : NONE
  })
  return isBegun
}

/** Its references went before it could be deleted. The hash goes first: the row is what leads back here. */
async function removeBlob({ blobs, hashes }: Parts, key: BlobKey): Promise<void> {
  const cell = await blobs.read(key)
  if (cell === undefined) return
  await hashes.release(cell.row.sha256, key)
  await blobs.change(key, undefined, ({ cell: latest }) =>
    latest === undefined ? NONE : { kind: 'forget' },
  )
}
