import { blobObjectKey, changeAttachment, settleMark } from '@satchel/chat-core'
import type { AttachmentId, BlobKey } from '@satchel/protocol'
import { parseBlobKey } from '@satchel/protocol'
import { askForHls } from '../pipeline/ask-for-hls.ts'
import { noteFormerPipeline } from '../pipeline/note-former-pipeline.ts'
import { askAgain } from './ask-again.ts'
import { findingOf } from './find-lost-rows.ts'
import { mayRefer } from './find-lost-objects.ts'
import { isForgotten, isOrphan } from './find-orphans.ts'
import type { AttachmentFinding, Finding, Repair } from './finding.ts'
import type { ReconcileDeps } from './reconcile-deps.ts'
import { restoreBlob } from './restore-blob.ts'

/** Does about a finding what can be done without a person, after it has looked again. Twice is the same as once. */
export async function repairDifference(deps: ReconcileDeps, finding: Finding): Promise<Repair> {
  switch (finding.kind) {
    case 'object_without_row':
    case 'derived_without_blob':
      return removeOrphan(deps, finding.key)
    case 'derived_of_former_pipeline':
      return noteForgotten(deps, finding)
    case 'mark_without_need':
      await settleMark(deps, finding.blob)
      return 'removed'
    case 'blob_without_object':
      return restoreBytes(deps, finding.blob)
    case 'variant_without_object':
      return 'kept'
    case 'reference_without_attachment':
      return removeReference(deps, finding.blob, finding.attachment)
    default:
      return repairOfAttachment(deps, finding)
  }
}

async function repairOfAttachment(
  deps: ReconcileDeps,
  finding: AttachmentFinding,
): Promise<Repair> {
  switch (finding.kind) {
    case 'attachment_without_reference':
    case 'attachment_without_blob':
      return repairAttachment(deps, finding.attachment)
    case 'attachment_without_verdict':
      await askAgain(deps, finding.attachment)
      return 'enqueued'
    case 'attachment_without_hls':
      return askForOwedHls(deps, finding.attachment)
    case 'attachment_failed':
      return 'kept'
    default:
      return finding satisfies never
  }
}

async function removeOrphan(deps: ReconcileDeps, key: string): Promise<Repair> {
  if (!(await isOrphan(deps, key, parseBlobKey(key.split('/', 2)[1] ?? '')))) return 'settled'
  await deps.objects.remove([key])
  return 'removed'
}

/** Upkeep first sees to it that nobody has it. */
async function noteForgotten(
  deps: ReconcileDeps,
  { blob, version }: Extract<Finding, { readonly kind: 'derived_of_former_pipeline' }>,
): Promise<Repair> {
  const row = await deps.blobs.read(blob)
  if (row === undefined || !isForgotten(row, version)) return 'settled'
  await noteFormerPipeline(deps, blob, version)
  return 'enqueued'
}

async function askForOwedHls(deps: ReconcileDeps, id: AttachmentId): Promise<Repair> {
  const row = await deps.attachments.read(id)
  return row !== undefined && (await askForHls(deps, row)) ? 'enqueued' : 'settled'
}

async function restoreBytes(deps: ReconcileDeps, key: BlobKey): Promise<Repair> {
  const blob = await deps.blobs.read(key)
  const isThere = (await deps.objects.head(blobObjectKey(key))) !== undefined
  if (blob === undefined || blob.state === 'deleting' || isThere) return 'settled'
  return (await restoreBlob(deps, blob)) ? 'restored' : 'kept'
}

async function removeReference(
  { attachments, blobs, clock }: ReconcileDeps,
  blob: BlobKey,
  attachment: AttachmentId,
): Promise<Repair> {
  if (mayRefer(await attachments.read(attachment), blob)) return 'settled'
  await blobs.removeReference(blob, attachment, clock.nowMs())
  // Forwarding refers first and has its attachment then: it may have come in between.
  if (!mayRefer(await attachments.read(attachment), blob)) return 'removed'
  return (await blobs.addReference(blob, attachment)) ? 'settled' : 'removed'
}

/** Gets its reference back; without bytes it fails, and upkeep tells its message. */
async function repairAttachment(deps: ReconcileDeps, id: AttachmentId): Promise<Repair> {
  const row = await deps.attachments.read(id)
  const finding = row && (await findingOf(deps, row))
  if (finding?.kind === 'attachment_without_reference') {
    if (await deps.blobs.addReference(finding.blob, id)) return 'restored'
  } else if (finding?.kind !== 'attachment_without_blob') return 'settled'
  await changeAttachment(deps, id, (latest) =>
    latest.state === 'ready'
      ? { ...latest, state: 'failed', reason: 'bytes_lost', dueMs: deps.clock.nowMs() }
      : undefined,
  )
  return 'enqueued'
}
