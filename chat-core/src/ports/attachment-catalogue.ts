import type {
  AttachmentId,
  AttachmentReference,
  AttachmentState,
  BlobKey,
  ConversationId,
  Seq,
  UserId,
} from '@satchel/protocol'
import type { BlobFacts } from './blob-catalogue.ts'
import type { StagedUpload } from './upload-target.ts'

/** What the sender of the message says about the attachment. */
export type AttachmentWords = Omit<AttachmentReference, 'id'>

/** One attachment, from `begin` to the last trace. */
export interface AttachmentRow {
  readonly id: AttachmentId
  /** 1 at first, and one more with each change. */
  readonly version: number
  readonly state: AttachmentState
  readonly uploaderId: UserId
  readonly conversationId: ConversationId
  readonly name: string
  /** As announced; what is stored has exactly this size. */
  readonly sizeBytes: number
  /** As claimed: `facts` have the real one. */
  readonly contentType: string
  /** As announced, base64url. */
  readonly sha256?: string | undefined
  readonly staging: StagedUpload
  /** Of the assembled bytes in staging; present from `processing` on. */
  readonly etag?: string | undefined
  /** Key its bytes are copied to; another blob holds them when they were stored before. */
  readonly copyKey: BlobKey
  readonly createdMs: number
  /** When the uploader last asked something. */
  readonly touchedMs: number
  /** When upkeep looks at the row; absent when nothing is ever due. */
  readonly dueMs?: number | undefined
  /** The message it belongs to. */
  readonly messageSeq?: Seq | undefined
  readonly words?: AttachmentWords | undefined
  /** The message was deleted: the end of everything. */
  readonly detached?: boolean | undefined
  /** Whose reference this attachment holds. */
  readonly blob?: BlobKey | undefined
  readonly facts?: BlobFacts | undefined
  readonly reason?: string | undefined
  /** How often in a row the machine failed while its bytes were being judged. */
  readonly faults?: number | undefined
}

export type CreatedAttachment =
  | { readonly kind: 'created' }
  /** The id is in use; nothing was written. */
  | { readonly kind: 'exists'; readonly row: AttachmentRow }
  /** The uploader has `maxPending` rows in state `uploading`; nothing was written. */
  | { readonly kind: 'too_many_pending' }

/**
 * Attachments and the state of their bytes.
 *
 * - `create` of rows with one id: exactly one caller gets `created`. `maxPending` may be exceeded only
 *   by callers in different processes at the same instant (`exactPending` says never).
 * - `replace` writes `next`, of the version after it, if the stored row still is `before`, and says whether
 *   it did. It settles when durable. Of several callers at once exactly one succeeds.
 * - Reads see every write that settled before they were called.
 */
export interface AttachmentCatalogue {
  readonly exactPending: boolean
  create(row: AttachmentRow, options: { readonly maxPending: number }): Promise<CreatedAttachment>
  read(id: AttachmentId): Promise<AttachmentRow | undefined>
  replace(before: AttachmentRow, next: AttachmentRow): Promise<boolean>
  /** Forgets a row of this version; does nothing when it has changed. */
  remove(row: Pick<AttachmentRow, 'id' | 'version'>): Promise<void>
  /** Rows due at `nowMs` or before, the longest due first. */
  listDue(nowMs: number, limit: number): Promise<readonly AttachmentRow[]>
  /** Rows of a conversation in the order of their ids; only `uploaderId`'s where given. */
  listOf(
    conversationId: ConversationId,
    options: {
      readonly uploaderId?: UserId | undefined
      readonly after?: AttachmentId | undefined
      readonly limit: number
    },
  ): Promise<readonly AttachmentRow[]>
}
