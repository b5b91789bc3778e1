import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { blobObjectKey, isTypeAllowed } from '@satchel/chat-core'
import type { AttachmentRow, BlobRow } from '@satchel/chat-core/ports'
import type { AttachmentId } from '@satchel/protocol'
import { noScanner } from '../scanner.ts'
import { removeFolder } from '../sandbox/remove-folder.ts'
import type { WorkerDeps } from '../worker-deps.ts'
import { copyFromStaging } from './copy-from-staging.ts'
import { deriveVariants } from './derive-variants.ts'
import { finishAttachment, settleAttachment, type Finish } from './finish-attachment.ts'
import { isDescribed } from './is-described.ts'
import { judgeBytes } from './judge-bytes.ts'
import { readOnce, type ReadBytes } from './read-once.ts'
import { storeBlob } from './store-blob.ts'

interface KeptBytes {
  readonly blob: BlobRow
}

/**
 * From complete to judged: copy, read once, keep as a blob, make variants, tell. Each step finds what an
 * earlier try left and goes on from there. Rejects when the machine, not the file, is to blame.
 */
export async function processAttachment(deps: WorkerDeps, id: AttachmentId): Promise<void> {
  const row = await deps.attachments.read(id)
  if (row === undefined) return
  // An earlier try got as far as the outcome, and may have been cut off before what follows from it.
  if (row.state !== 'processing') return settleAttachment(deps, row)
  const startMs = deps.clock.nowMs()
  const folder = await mkdtemp(join(deps.temporaryFolder, 'job-'))
  try {
    const finish = await judge(deps, row, folder)
    const current = await finishAttachment(deps, row, finish)
    const tookMs = deps.clock.nowMs() - startMs
    const { contentType = row.contentType } = finish.state === 'ready' ? finish.facts : {}
    const reason = finish.state === 'ready' ? finish.facts.reason : finish.reason
    const state = current?.state ?? finish.state
    deps.telemetry.processed(id, { state, contentType, reason, tookMs })
  } finally {
    await removeFolder(folder)
  }
}

async function judge(deps: WorkerDeps, row: AttachmentRow, folder: string): Promise<Finish> {
  const path = join(folder, 'input')
  const kept = await keepBytes(deps, row, path)
  if ('state' in kept) return kept
  const facts = isDescribed(kept.blob, deps.canPlay)
    ? kept.blob.facts
    : await deriveVariants(deps, kept.blob, path, folder)
  return isTypeAllowed(deps.settings, facts.contentType)
    ? { state: 'ready', facts }
    : { state: 'rejected', reason: 'type_not_allowed' }
}

/** The bytes as a blob, and as a file at `path`; or why they are not kept. */
async function keepBytes(
  deps: WorkerDeps,
  row: AttachmentRow,
  path: string,
): Promise<KeptBytes | Finish> {
  const known = row.blob === undefined ? undefined : await deps.blobs.read(row.blob)
  if (known !== undefined) return keepKnown(deps, row, known, path)
  if (!(await copyFromStaging(deps, row))) {
    const latest = await deps.attachments.read(row.id)
    // Another worker with the same job has stored them meanwhile.
    if (latest?.blob !== undefined && latest.blob !== row.blob) return keepBytes(deps, latest, path)
    return { state: 'failed', reason: 'bytes_lost' }
  }
  const bytes = await readOnce(deps, row.copyKey, path)
  const refusal = judgeBytes(row, bytes)
  if (refusal !== undefined) {
    await rememberMalware(deps, bytes)
    // Stored by another worker with the same job, they may be others' by now.
    const isStored = (await deps.blobs.read(row.copyKey)) !== undefined
    if (!isStored) await deps.objects.remove([blobObjectKey(row.copyKey)])
    return { state: 'rejected', reason: refusal }
  }
  const stored = await storeBlob(deps, row, bytes)
  // Nobody will see it: what is stored is released, nothing is made of it.
  if (stored.row.detached === true) return { state: 'failed', reason: 'deleted' }
  return { blob: stored.blob }
}

/** Bytes that an earlier try has stored: judged then, and again by what has been found out since. */
async function keepKnown(
  deps: WorkerDeps,
  row: AttachmentRow,
  blob: BlobRow,
  path: string,
): Promise<KeptBytes | Finish> {
  // Released when the attachment had failed, and perhaps being deleted.
  const isKept = await deps.blobs.addReference(blob.key, row.id)
  if (!isKept) return { state: 'failed', reason: 'bytes_lost' }
  const { verdict } = await readOnce({ ...deps, scanner: noScanner }, blob.key, path)
  return verdict.kind === 'malicious' ? { state: 'rejected', reason: 'malware' } : { blob }
}

/** So that the same content is refused from now on, also while the scanner is away. */
async function rememberMalware(
  { forbidden, clock }: Pick<WorkerDeps, 'forbidden' | 'clock'>,
  { sha256, verdict }: ReadBytes,
): Promise<void> {
  if (verdict.kind !== 'malicious') return
  await forbidden.add({ sha256, finding: verdict.signature, sinceMs: clock.nowMs() })
}
