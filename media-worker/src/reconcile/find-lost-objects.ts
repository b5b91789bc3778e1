import { blobObjectKey, objectKeyOf } from '@satchel/chat-core'
import type { AttachmentRow, BlobRow } from '@satchel/chat-core/ports'
import type { AttachmentId, BlobKey } from '@satchel/protocol'
import type { Finding } from './finding.ts'
import type { ReconcileDeps } from './reconcile-deps.ts'

/** From the catalogue's side: blobs whose bytes, variants or owners are not there. */
export async function* findLostObjects(
  deps: Pick<ReconcileDeps, 'catalogueWalk' | 'objects' | 'attachments'>,
): AsyncGenerator<Finding> {
  for await (const blob of deps.catalogueWalk.blobs()) {
    // Its objects are going.
    if (blob.state === 'deleting') continue
    if ((await deps.objects.head(blobObjectKey(blob.key))) === undefined)
      yield { kind: 'blob_without_object', blob: blob.key }
    for (const key of variantKeysOf(blob)) {
      if ((await deps.objects.head(key)) === undefined)
        yield { kind: 'variant_without_object', blob: blob.key, key }
    }
    for await (const attachment of deps.catalogueWalk.references(blob.key)) {
      const row = await deps.attachments.read(attachment)
      if (!mayRefer(row, blob.key))
        yield { kind: 'reference_without_attachment', blob: blob.key, attachment }
    }
  }
}

/** Objects that the pipeline has made of the blob; of a folder the first that is asked for. */
function variantKeysOf({ key, facts }: BlobRow): readonly string[] {
  if (facts === undefined) return []
  const { pipelineVersion } = facts
  return facts.variants
    .filter(({ name }) => name !== 'original')
    .map(({ name }) => {
      const variant = name === 'hls' ? 'hls/master.m3u8' : name
      return objectKeyOf({ blob: key, pipelineVersion, variant })
    })
}

/** Bytes being judged are stored before their attachment names them. */
export function mayRefer(row: AttachmentRow | undefined, blob: BlobKey): boolean {
  if (row === undefined) return false
  return row.blob === undefined ? row.state === 'processing' : row.blob === blob
}

/** Whether the attachment needs bytes that are there. */
export function needsBytes(
  row: AttachmentRow,
): row is AttachmentRow & { readonly blob: BlobKey; readonly id: AttachmentId } {
  return row.state === 'ready' && row.detached !== true && row.blob !== undefined
}
