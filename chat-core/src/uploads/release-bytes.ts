import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import type { BlobCatalogue } from '../ports/blob-catalogue.ts'
import type { UploadDeps } from './upload-deps.ts'

export type ReleaseDeps = Pick<UploadDeps, 'uploadTarget' | 'clock'> & {
  readonly blobs: BlobCatalogue
}

/**
 * Gives up all that an attachment holds: its upload, and its reference to stored bytes. Only after its row
 * says so (`expired`, `detached`); again: nothing.
 */
export async function releaseBytes(deps: ReleaseDeps, row: AttachmentRow): Promise<void> {
  await deps.uploadTarget.abort(row.staging)
  if (row.blob !== undefined) {
    await deps.blobs.removeReference(row.blob, row.id, deps.clock.nowMs())
  }
}
