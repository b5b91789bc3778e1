import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { changeAttachment, hasHls, isHlsOwed, reportResult } from '@satchel/chat-core'
import type { BlobFacts, BlobRow } from '@satchel/chat-core/ports'
import type { AttachmentId, Variant } from '@satchel/protocol'
import { removeIfGone } from '../remove-if-gone.ts'
import { removeFolder } from '../sandbox/remove-folder.ts'
import type { WorkerDeps } from '../worker-deps.ts'
import { askToDescribeAnew } from './ask-to-describe-anew.ts'
import type { DescribedBlob } from './is-described.ts'
import { downloadBlob } from './download-blob.ts'
import { PIPELINE_VERSION } from './pipeline-version.ts'
import { storeVariant } from './store-variant.ts'

/**
 * Gives an attachment that is shown already its HLS, made unless another attachment of the same bytes has it.
 * Of what an older pipeline described, that comes first. Again: the same outputs, and nothing twice. Rejects when
 * the machine, not the file, is to blame, and when a newer pipeline has described it.
 */
export async function addHlsVariant(deps: WorkerDeps, id: AttachmentId): Promise<void> {
  const row = await deps.attachments.read(id)
  // Cut off between the row and the message: the message is told again.
  if (row !== undefined && !isHlsOwed(row)) {
    await reportResult(deps, row)
    return
  }
  const blob = row?.blob === undefined ? undefined : await deps.blobs.read(row.blob)
  if (!isKept(blob)) return
  const { pipelineVersion } = blob.facts
  // Everybody who has it gets the new facts then, and asks for HLS again.
  if (pipelineVersion < PIPELINE_VERSION) return askToDescribeAnew(deps, blob.key)
  if (pipelineVersion > PIPELINE_VERSION) throw new Error('this takes a newer worker')
  const isSettled = hasHls(blob.facts) || blob.facts.hlsRefused !== undefined
  const facts = isSettled ? blob.facts : await makeHls(deps, id, blob)
  const { row: current } = await changeAttachment(deps, id, (latest) =>
    isHlsOwed(latest) && latest.blob === blob.key ? { ...latest, facts } : undefined,
  )
  if (current !== undefined) await reportResult(deps, current)
}

/** Facts with the variant, or with why none can be made: nobody tries again then, whoever forwards it. */
async function makeHls(
  deps: WorkerDeps,
  id: AttachmentId,
  blob: DescribedBlob,
): Promise<BlobFacts> {
  const startMs = deps.clock.nowMs()
  const folder = await mkdtemp(join(deps.temporaryFolder, 'job-'))
  try {
    const inputPath = join(folder, 'input')
    const outputFolder = join(folder, 'late')
    await Promise.all([mkdir(outputFolder), downloadBlob(deps, blob.key, inputPath)])
    const file = { inputPath, outputFolder, decode: true, task: 'hls' } as const
    const outcome = await deps.lateSandbox.derive(file)
    const reason = outcome.kind === 'derived' ? outcome.derived.reason : outcome.reason
    const [made] = outcome.kind === 'derived' ? outcome.derived.files : []
    const tookMs = deps.clock.nowMs() - startMs
    deps.telemetry.hlsMade(id, { state: made === undefined ? 'refused' : 'made', reason, tookMs })
    const variant = made && (await storeVariant(deps, blob.key, made, outputFolder))
    // It took long: the blob may have been described anew meanwhile.
    const latest = await deps.blobs.read(blob.key)
    const before = latest?.facts?.pipelineVersion === PIPELINE_VERSION ? latest.facts : blob.facts
    const facts =
      variant === undefined
        ? { ...before, hlsRefused: reason ?? 'unreadable' }
        : withVariant(before, variant)
    await deps.blobs.describe(blob.key, facts)
    await removeIfGone(deps, blob.key)
    return facts
  } finally {
    await removeFolder(folder)
  }
}

function withVariant(facts: BlobFacts, variant: Variant): BlobFacts {
  const others = facts.variants.filter(({ name }) => name !== variant.name)
  return { ...facts, variants: [...others, variant] }
}

function isKept(blob: BlobRow | undefined): blob is DescribedBlob {
  return blob?.facts !== undefined && blob.state !== 'deleting'
}
