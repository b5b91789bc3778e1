import type { UploadDeps } from '@satchel/chat-core'
import type { BlobCatalogue, CatalogueWalk, ObjectStore } from '@satchel/chat-core/ports'

/** What comparing catalogue and bucket takes. */
export interface ReconcileDeps extends Pick<
  UploadDeps,
  'attachments' | 'objects' | 'jobs' | 'clock'
> {
  readonly settings: Pick<UploadDeps['settings'], 'stuckMs'>
  readonly blobs: BlobCatalogue
  readonly catalogueWalk: CatalogueWalk
  /** A second copy of the bytes, where there is one. */
  readonly replica: Pick<ObjectStore, 'read'> | undefined
  /** Objects of nobody are left alone for this long: their rows may be on their way. */
  readonly orphanAgeMs: number
}
