import type { AttachmentId, BlobKey } from '@satchel/protocol'
import type {
  BlobCatalogue,
  BlobFacts,
  BlobRow,
  FormerPipelines,
  NewBlob,
} from '../../ports/blob-catalogue.ts'
import { afterPrefix } from './cell-key.ts'
import {
  mayBeginDeletion,
  newBlobCell,
  parseBlobCell,
  withDeletion,
  withFacts,
  withFormer,
  withReference,
  withoutReference,
  type BlobCell,
} from '../blob-cell.ts'
import { formatCell } from '../cell-value.ts'
import type { Cells, EmbeddedStore } from './embedded-store.ts'
import { dueKey, idKey, idOfKey, pairKey } from './media-key.ts'
import type { StoreTransaction } from './store-transaction.ts'

const EMPTY = Buffer.alloc(0)

interface BlobCells {
  /** key → cell */
  readonly blobs: Cells
  /** key, attachment id → nothing */
  readonly references: Cells
  /** SHA-256 → key */
  readonly hashes: Cells
  /** time, key → nothing */
  readonly condemned: Cells
}

/** Each method is one transaction, so that nothing comes between what it looks at and what it writes. */
export function openEmbeddedBlobCatalogue(
  store: Pick<EmbeddedStore, 'openDatabase' | 'write'>,
): BlobCatalogue {
  const cells: BlobCells = {
    blobs: store.openDatabase('blobs'),
    references: store.openDatabase('blob-references'),
    hashes: store.openDatabase('blob-hashes'),
    condemned: store.openDatabase('blobs-condemned'),
  }

  async function write<Result>(change: (staged: StagedBlobs) => Result): Promise<Result> {
    const given = Promise.withResolvers<Result>()
    await store.write((transaction) => {
      given.resolve(change(new StagedBlobs(cells, transaction)))
    })
    return given.promise
  }

  function read(key: Buffer): BlobRow | undefined {
    const bytes = cells.blobs.get(key)
    return bytes === undefined ? undefined : parseBlobCell(bytes).row
  }

  return {
    read: async (key) => read(idKey(key)),
    store: (blob, reference) => write((staged) => staged.store(blob, reference)),
    addReference: (key, reference) => write((staged) => staged.addReference(key, reference)),
    removeReference: (key, reference, nowMs) =>
      write((staged) => staged.removeReference(key, reference, nowMs)),
    describe: (key, facts) => write((staged) => staged.describe(key, facts)),
    replaceFormer: (row, former) => write((staged) => staged.replaceFormer(row, former)),
    async listCondemned(beforeMs, limit) {
      const keys = Array.from(cells.condemned.getKeys({ end: dueKey(beforeMs + 1, EMPTY), limit }))
      return keys.flatMap((key) => read(idOfKey(key)) ?? [])
    },
    beginDeletion: (key, condemnedBeforeMs) =>
      write((staged) => staged.beginDeletion(key, condemnedBeforeMs)),
    remove: (key) => write((staged) => staged.remove(key)),
  }
}

/** Blobs as they will be after what a transaction has staged so far. */
class StagedBlobs {
  readonly #cells: BlobCells
  readonly #transaction: StoreTransaction

  constructor(cells: BlobCells, transaction: StoreTransaction) {
    this.#cells = cells
    this.#transaction = transaction
  }

  store(blob: NewBlob, reference: AttachmentId): BlobRow {
    const hash = idKey(blob.sha256)
    const holder = this.#transaction.read(this.#cells.hashes, hash)
    const stored = holder && this.#read(holder)
    if (stored !== undefined && stored.row.state !== 'deleting') {
      return this.#refer(stored, reference)
    }
    this.#transaction.put(this.#cells.hashes, hash, idKey(blob.key))
    return this.#refer(newBlobCell(blob), reference)
  }

  addReference(key: BlobKey, reference: AttachmentId): boolean {
    const cell = this.#read(idKey(key))
    if (cell === undefined || cell.row.state === 'deleting') return false
    this.#refer(cell, reference)
    return true
  }

  removeReference(key: BlobKey, reference: AttachmentId, nowMs: number): void {
    const cell = this.#read(idKey(key))
    const referenceKey = pairKey(idKey(key), idKey(reference))
    if (cell === undefined || !this.#has(referenceKey)) return
    this.#transaction.remove(this.#cells.references, referenceKey)
    this.#replace(cell, withoutReference(cell, nowMs))
  }

  describe(key: BlobKey, facts: BlobFacts): void {
    const cell = this.#read(idKey(key))
    const described = cell && withFacts(cell, facts)
    if (cell !== undefined && described !== undefined) this.#replace(cell, described)
  }

  replaceFormer(
    { key, former: expected }: Pick<BlobRow, 'key' | 'former'>,
    former: FormerPipelines | undefined,
  ): boolean {
    const cell = this.#read(idKey(key))
    const noted = cell && withFormer(cell, expected, former)
    if (cell === undefined || noted === undefined) return false
    this.#replace(cell, noted)
    return true
  }

  beginDeletion(key: BlobKey, condemnedBeforeMs: number): boolean {
    const cell = this.#read(idKey(key))
    if (cell === undefined) return false
    if (cell.row.state === 'deleting') return true
    if (!mayBeginDeletion(cell, condemnedBeforeMs)) return false
    this.#replace(cell, withDeletion(cell))
    return true
  }

  remove(key: BlobKey): void {
    const prefix = idKey(key)
    const cell = this.#read(prefix)
    if (cell === undefined) return
    const range = { start: prefix, end: afterPrefix(prefix) }
    for (const reference of Array.from(this.#cells.references.getKeys(range))) {
      this.#transaction.remove(this.#cells.references, reference)
    }
    const hash = idKey(cell.row.sha256)
    const isHolder = this.#transaction.read(this.#cells.hashes, hash)?.equals(prefix) === true
    if (isHolder) this.#transaction.remove(this.#cells.hashes, hash)
    this.#moveCondemned(prefix, cell.row.condemnedMs, undefined)
    this.#transaction.remove(this.#cells.blobs, prefix)
  }

  /** Adds a reference, which makes a condemned blob live again. */
  #refer(cell: BlobCell, reference: AttachmentId): BlobRow {
    const referenceKey = pairKey(idKey(cell.row.key), idKey(reference))
    const isNew = !this.#has(referenceKey)
    if (isNew) this.#transaction.put(this.#cells.references, referenceKey, EMPTY)
    const referred = withReference(cell, isNew)
    this.#replace(cell, referred)
    return referred.row
  }

  #has(referenceKey: Buffer): boolean {
    return this.#transaction.read(this.#cells.references, referenceKey) !== undefined
  }

  #read(key: Buffer): BlobCell | undefined {
    const bytes = this.#transaction.read(this.#cells.blobs, key)
    return bytes === undefined ? undefined : parseBlobCell(bytes)
  }

  #replace(before: BlobCell, after: BlobCell): void {
    const key = idKey(after.row.key)
    this.#moveCondemned(key, before.row.condemnedMs, after.row.condemnedMs)
    this.#transaction.put(this.#cells.blobs, key, formatCell(after))
  }

  #moveCondemned(key: Buffer, before: number | undefined, after: number | undefined): void {
    if (before === after) return
    const { condemned } = this.#cells
    if (before !== undefined) this.#transaction.remove(condemned, dueKey(before, key))
    if (after !== undefined) this.#transaction.put(condemned, dueKey(after, key), EMPTY)
  }
}
