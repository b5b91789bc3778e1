import { mkdir, mkdtemp, open } from 'node:fs/promises'
import { join } from 'node:path'
import {
  blobObjectKey,
  changeAttachment,
  hasHls,
  isHlsOwed,
  reportResult,
} from '@satchel/chat-core'
import type { BlobFacts, BlobRow } from '@satchel/chat-core/ports'
import type { AttachmentId, BlobKey, Variant } from '@satchel/protocol'
import { removeFolder } from '../sandbox/remove-folder.ts'
import type { WorkerDeps } from '../worker-deps.ts'
import { PIPELINE_VERSION } from './pipeline-version.ts'
import { storeVariant } from './store-variant.ts'

type DescribedBlob = BlobRow & { readonly facts: BlobFacts }

/**
 * Gives an attachment that is shown already its HLS, made unless another attachment of the same bytes has it.
 * Again: the same outputs, and nothing twice. Rejects when the machine, not the file, is to blame.
 */
export async function deriveHls(deps: WorkerDeps, id: AttachmentId): Promise<void> {
  const row = await deps.attachments.read(id)
  // Cut off between the row and the message: the message is told again.
  if (row !== undefined && !isHlsOwed(row)) return reportResult(deps, row)
  const blob = row?.blob === undefined ? undefined : await deps.blobs.read(row.blob)
  if (!isOfThisPipeline(blob)) return
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
    await Promise.all([mkdir(outputFolder), layDown(deps, blob.key, inputPath)])
    const file = { inputPath, outputFolder, decode: true, task: 'hls' } as const
    const outcome = await deps.lateSandbox.derive(file)
    const reason = outcome.kind === 'derived' ? outcome.derived.reason : outcome.reason
    const [made] = outcome.kind === 'derived' ? outcome.derived.files : []
    const tookMs = deps.clock.nowMs() - startMs
    deps.telemetry.hlsMade(id, { state: made === undefined ? 'refused' : 'made', reason, tookMs })
    const facts =
      made === undefined
        ? { ...blob.facts, hlsRefused: reason ?? 'unreadable' }
        : withVariant(blob.facts, await storeVariant(deps, blob.key, made, outputFolder))
    await deps.blobs.describe(blob.key, facts)
    return facts
  } finally {
    await removeFolder(folder)
  }
}

function withVariant(facts: BlobFacts, variant: Variant): BlobFacts {
  return { ...facts, variants: [...facts.variants, variant] }
}

async function layDown(
  { objects }: Pick<WorkerDeps, 'objects'>,
  blob: BlobKey,
  path: string,
): Promise<void> {
  const object = await objects.read(blobObjectKey(blob))
  if (object === undefined) throw new Error(`the bytes of ${blob} are not there`)
  const file = await open(path, 'wx')
  try {
    for await (const chunk of object.body) await file.writeFile(chunk)
  } finally {
    await file.close()
  }
}

function isOfThisPipeline(blob: BlobRow | undefined): blob is DescribedBlob {
  return blob?.facts?.pipelineVersion === PIPELINE_VERSION && blob.state !== 'deleting'
}
