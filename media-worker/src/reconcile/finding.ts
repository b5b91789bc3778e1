import type { AttachmentId, BlobKey } from '@satchel/protocol'

/** Something that catalogue and bucket do not agree on, or that waits for an operator. */
export type Finding =
  /** Bytes of no blob, older than any upload may be: a copy somebody died over. */
  | { readonly kind: 'object_without_row'; readonly key: string }
  /** Made from a blob that is gone. */
  | { readonly kind: 'derived_without_blob'; readonly key: string }
  /** Made by a pipeline before the one that described the blob, and nobody has left word of it. */
  | {
      readonly kind: 'derived_of_former_pipeline'
      readonly key: string
      readonly blob: BlobKey
      readonly version: number
    }
  /** Edges refuse a blob that lives, or would one that is gone: somebody died over its mark. */
  | { readonly kind: 'mark_without_need'; readonly blob: BlobKey }
  /** A loss: the bytes themselves. */
  | { readonly kind: 'blob_without_object'; readonly blob: BlobKey }
  /** A loss that can be made again. */
  | { readonly kind: 'variant_without_object'; readonly blob: BlobKey; readonly key: string }
  /** Keeps bytes from being deleted that nobody has. */
  | {
      readonly kind: 'reference_without_attachment'
      readonly blob: BlobKey
      readonly attachment: AttachmentId
    }
  /** Its bytes could be deleted under it. */
  | {
      readonly kind: 'attachment_without_reference'
      readonly blob: BlobKey
      readonly attachment: AttachmentId
    }
  /** Shown as ready, and there are no bytes. */
  | { readonly kind: 'attachment_without_blob'; readonly attachment: AttachmentId }
  /** Complete, and without a verdict for longer than judging takes. */
  | { readonly kind: 'attachment_without_verdict'; readonly attachment: AttachmentId }
  /** Shown for a day or longer without the HLS it is due: the job waits, or was given up. */
  | { readonly kind: 'attachment_without_hls'; readonly attachment: AttachmentId }
  /** Given up; it can be judged once more. */
  | { readonly kind: 'attachment_failed'; readonly attachment: AttachmentId }

/** About an attachment, by its row. */
export type AttachmentFinding = Extract<Finding, { readonly kind: `attachment_${string}` }>

export type FindingKind = Finding['kind']

/** What `repair` did about it. */
export type Repair =
  /** What nobody needs is gone. */
  | 'removed'
  /** What was lost is there again. */
  | 'restored'
  /** A worker will see to it. */
  | 'enqueued'
  /** It was gone, or in order, by the time it was looked at again. */
  | 'settled'
  /** It takes an operator. */
  | 'kept'
