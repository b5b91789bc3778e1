import {
  ChatError,
  newBlobKey,
  type ForwardAttachment,
  type UploadState,
  type UserId,
} from '@satchel/protocol'
import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import type { BlobCatalogue, BlobFacts } from '../ports/blob-catalogue.ts'
import { refuseByPolicy, requireConversation, stagingKey } from './begin-upload.ts'
import { enqueueHls } from './enqueue-hls.ts'
import type { UploadDeps } from './upload-deps.ts'
import { uploadStateOf } from './upload-plan.ts'
import { isRefusal, refundQuota, takeQuota } from './upload-quota.ts'

type Source = AttachmentRow & {
  readonly blob: NonNullable<AttachmentRow['blob']>
  readonly facts: BlobFacts
}

export interface ForwardDeps extends UploadDeps {
  readonly blobs: Pick<BlobCatalogue, 'addReference' | 'removeReference'>
  /** The attachment, if this user may read its message now and it is ready; otherwise rejects. */
  readonly requireSource: (userId: UserId, from: ForwardAttachment['from']) => Promise<Source>
}

/**
 * A new attachment of the same bytes, for a message elsewhere: ready at once, nothing is uploaded. Again with
 * the same id: the same. Rejects as `begin` does, as links to the source do, and with `attachment_taken`.
 * Bytes that nobody referred to any more live on; those that are being deleted are `no_such_attachment`.
 */
export async function forwardAttachment(
  deps: ForwardDeps,
  userId: UserId,
  request: ForwardAttachment,
): Promise<UploadState> {
  const conversationId = await requireConversation(deps, userId, request)
  const known = await deps.attachments.read(request.attachmentId)
  let source: Source
  try {
    source = await deps.requireSource(userId, request.from)
  } catch (error) {
    // Asked again after the answer was lost: the source may be gone by now.
    if (known !== undefined && isForwardOf(known, userId, conversationId))
      return uploadStateOf(known)
    throw error
  }
  refuseByPolicy(deps, { sizeBytes: source.sizeBytes, contentType: source.facts.contentType })
  const row = await forwardedRow(deps, userId, source, { ...request, conversationId })
  const forwarded =
    known === undefined ? await countAndCreate(deps, row, source.blob) : requireSame(known, row)
  // HLS of the same bytes may be under way, and would not find this one.
  await enqueueHls(deps, forwarded)
  return uploadStateOf(forwarded)
}

async function countAndCreate(
  deps: ForwardDeps,
  row: AttachmentRow,
  blob: Source['blob'],
): Promise<AttachmentRow> {
  const { uploaderId, sizeBytes } = row
  await takeQuota(deps, uploaderId, sizeBytes)
  try {
    return await createForwarded(deps, row, blob)
  } catch (error) {
    if (isRefusal(error)) await refundQuota(deps, uploaderId, sizeBytes)
    throw error
  }
}

/** The reference is there before its attachment, so that nobody has an attachment without bytes. */
async function createForwarded(
  deps: ForwardDeps,
  row: AttachmentRow,
  blob: Source['blob'],
): Promise<AttachmentRow> {
  const { attachments, blobs, clock } = deps
  const isKept = await blobs.addReference(blob, row.id)
  if (!isKept) throw new ChatError('no_such_attachment', 'its bytes are being deleted')
  // Nothing is pending: it needs none of the places for uploads.
  const created = await attachments.create(row, { maxPending: Number.MAX_SAFE_INTEGER })
  if (created.kind === 'created') {
    // Whoever compares references with attachments may have come in between.
    await blobs.addReference(blob, row.id)
    return row
  }
  const other = created.kind === 'exists' ? created.row : undefined
  if (other?.blob !== blob) await blobs.removeReference(blob, row.id, clock.nowMs())
  const same = requireSame(other, row)
  // Another call made it, and has counted it.
  await refundQuota(deps, row.uploaderId, row.sizeBytes)
  return same
}

async function forwardedRow(
  { clock, settings, uploadTarget }: ForwardDeps,
  userId: UserId,
  source: Source,
  {
    attachmentId,
    conversationId,
  }: Pick<AttachmentRow, 'conversationId'> & Pick<ForwardAttachment, 'attachmentId'>,
): Promise<AttachmentRow> {
  const nowMs = clock.nowMs()
  const { name, sizeBytes, contentType, blob, facts } = source
  const plan = { key: stagingKey(nowMs, attachmentId), sizeBytes, partCount: 0, partBytes: 0 }
  const staging = { ...plan, targetId: await uploadTarget.open(plan) }
  // No bytes ever come; what an upload has when it is over, this has from the beginning.
  await uploadTarget.abort(staging)
  return {
    id: attachmentId,
    version: 1,
    state: 'ready',
    uploaderId: userId,
    conversationId,
    name,
    sizeBytes,
    contentType,
    blob,
    facts,
    staging,
    copyKey: newBlobKey(),
    createdMs: nowMs,
    touchedMs: nowMs,
    dueMs: nowMs + settings.unattachedMs,
  }
}

/** What never was anything but ready, or what came of that, was no upload. */
function isForwardOf(
  row: AttachmentRow,
  userId: UserId,
  conversationId: AttachmentRow['conversationId'],
): boolean {
  const isOwn = row.uploaderId === userId && row.conversationId === conversationId
  return isOwn && row.state === 'ready' && row.etag === undefined
}

function requireSame(known: AttachmentRow | undefined, row: AttachmentRow): AttachmentRow {
  const isSame =
    known?.uploaderId === row.uploaderId &&
    known.conversationId === row.conversationId &&
    known.blob === row.blob
  if (!isSame) {
    throw new ChatError('attachment_taken', `attachment ${row.id} was begun for something else`)
  }
  return known
}
