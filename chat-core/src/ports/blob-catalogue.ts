import type { AttachmentId, BlobKey, Variant } from '@satchel/protocol'

/** What the pipeline of one version found out about bytes, and made of them. */
export interface BlobFacts {
  readonly pipelineVersion: number
  /** The real type, by content. */
  readonly contentType: string
  /** After the orientation was applied. */
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly durationMs?: number | undefined
  /** base64url */
  readonly thumbhash?: string | undefined
  /** base64url */
  readonly waveform?: string | undefined
  /** Without links. */
  readonly variants: readonly Variant[]
  /** Why there is no HLS, where one was due. */
  readonly hlsRefused?: string | undefined
  /** Why there are no previews, where the type would have some. */
  readonly reason?: string | undefined
}

/** Pipelines whose outputs may still be there although newer facts are in force. */
export interface FormerPipelines {
  readonly versions: readonly number[]
  /** The last time that anybody was known to have what they made. */
  readonly sinceMs: number
}

/** `live ⇄ condemned → deleting → (gone)` */
export type BlobState = 'live' | 'condemned' | 'deleting'

/** Stored bytes, under a key that is never used again. */
export interface BlobRow {
  readonly key: BlobKey
  /** Of the whole content, base64url. */
  readonly sha256: string
  readonly sizeBytes: number
  readonly state: BlobState
  /** When the last reference went; present unless `live`. */
  readonly condemnedMs?: number | undefined
  readonly facts?: BlobFacts | undefined
  readonly former?: FormerPipelines | undefined
}

export type NewBlob = Pick<BlobRow, 'key' | 'sha256' | 'sizeBytes'>

/**
 * Which bytes are stored and who refers to them. References are a set of attachment ids, never a count:
 * adding or removing one twice is the same as once.
 *
 * - `store` keeps `blob` with its first reference, unless the same bytes are stored already (same
 *   SHA-256, not being deleted): then the reference is added to those. The row it gives names the key
 *   that holds the bytes; of two callers at once both get the same one.
 * - `addReference` makes a condemned blob live again; false when the blob is being deleted or gone.
 * - `removeReference` condemns the blob, as of `nowMs`, when none remains; of a blob that is gone, or
 *   without the reference, it changes nothing.
 * - `beginDeletion` is true when the blob was condemned no later than `condemnedBeforeMs` and has no
 *   reference, or its deletion has begun before: from then on it gains no reference.
 * - `replaceFormer` writes what is noted of former pipelines if the row still has what `row` has there, and
 *   says whether `former` is what it has now. A blob that is being deleted, or gone, is left as it is: false.
 * - `remove` forgets the row, its references, and its hash where that still points to it.
 * - Any of these may run at once, on the same blob, in several processes.
 */
export interface BlobCatalogue {
  read(key: BlobKey): Promise<BlobRow | undefined>
  store(blob: NewBlob, reference: AttachmentId): Promise<BlobRow>
  addReference(key: BlobKey, reference: AttachmentId): Promise<boolean>
  removeReference(key: BlobKey, reference: AttachmentId, nowMs: number): Promise<void>
  /** Sets the facts; those of an older pipeline never replace newer ones. Of an unknown blob: nothing. */
  describe(key: BlobKey, facts: BlobFacts): Promise<void>
  replaceFormer(
    row: Pick<BlobRow, 'key' | 'former'>,
    former: FormerPipelines | undefined,
  ): Promise<boolean>
  /** Condemned or being deleted, since `beforeMs` or longer, oldest first. */
  listCondemned(beforeMs: number, limit: number): Promise<readonly BlobRow[]>
  beginDeletion(key: BlobKey, condemnedBeforeMs: number): Promise<boolean>
  remove(key: BlobKey): Promise<void>
}
