import type { AttachmentId, BlobKey } from '@satchel/protocol'
import type { AttachmentRow } from './attachment-catalogue.ts'
import type { BlobRow } from './blob-catalogue.ts'

/**
 * All that the catalogues of attachments and blobs hold, for who compares it with what is stored. Read in
 * pages: however much there is, little of it is in memory.
 *
 * - The order is the store's own, the same for each walk; `after` begins behind a row of an earlier one,
 *   whether or not it is still there.
 * - A walk sees every row that is there from its beginning to its end; of what comes or goes meanwhile it may
 *   see some. Writing while walking is allowed.
 */
export interface CatalogueWalk {
  attachments(after?: AttachmentId): AsyncIterable<AttachmentRow>
  blobs(after?: BlobKey): AsyncIterable<BlobRow>
  /** Who refers to a blob. */
  references(key: BlobKey): AsyncIterable<AttachmentId>
  isReferred(key: BlobKey, reference: AttachmentId): Promise<boolean>
}
