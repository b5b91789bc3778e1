import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { HLS_VARIANT } from '@satchel/chat-core'
import type { BlobFacts, BlobRow } from '@satchel/chat-core/ports'
import type { BlobKey, Variant } from '@satchel/protocol'
import type { Derived } from '../sandbox/derive-request.ts'
import { removeIfGone } from '../remove-if-gone.ts'
import type { WorkerDeps } from '../worker-deps.ts'
import { noteFormerPipeline } from './note-former-pipeline.ts'
import { PIPELINE_VERSION } from './pipeline-version.ts'
import { storeVariant } from './store-variant.ts'

/** What no child survived looking at: it is kept, and not handed out. */
const UNKNOWN: Derived = {
  contentType: 'application/octet-stream',
  keepsOriginal: false,
  files: [],
}

type VariantDeps = Pick<WorkerDeps, 'sandbox' | 'objects' | 'blobs' | 'clock'>

/**
 * Has the sandbox look at the file, stores what it made, and notes it with the blob. Gives the facts that are in
 * force then: those of a newer pipeline, if that was faster.
 */
export async function deriveVariants(
  deps: VariantDeps,
  blob: BlobRow,
  inputPath: string,
  jobFolder: string,
): Promise<BlobFacts> {
  // Before anything is replaced, so that whoever is stopped on the way has left word of it.
  if (blob.facts !== undefined) await noteFormerPipeline(deps, blob.key, blob.facts.pipelineVersion)
  const { derived, outputFolder } = await derive(deps, inputPath, jobFolder)
  const { files, keepsOriginal, ...found } = derived
  const variants: Variant[] = []
  for (const file of files) {
    variants.push(await storeVariant(deps, blob.key, file, outputFolder))
  }
  if (keepsOriginal) {
    variants.push({ name: 'original', contentType: found.contentType, sizeBytes: blob.sizeBytes })
  }
  const facts = { ...found, pipelineVersion: PIPELINE_VERSION, variants }
  await deps.blobs.describe(blob.key, withLate(facts, await deps.blobs.read(blob.key)))
  if (await removeIfGone(deps, blob.key)) return facts
  return inForce(deps, blob.key, facts)
}

/** What this pipeline has made late, of the same bytes, is not made again. */
function withLate(facts: BlobFacts, blob: BlobRow | undefined): BlobFacts {
  if (blob?.facts?.pipelineVersion !== facts.pipelineVersion) return facts
  const late = blob.facts.variants.filter(({ name }) => name === HLS_VARIANT)
  return { ...facts, variants: [...facts.variants, ...late] }
}

async function inForce(deps: VariantDeps, key: BlobKey, facts: BlobFacts): Promise<BlobFacts> {
  const current = (await deps.blobs.read(key))?.facts ?? facts
  // What was just stored is of no use to anybody.
  if (current.pipelineVersion > facts.pipelineVersion)
    await noteFormerPipeline(deps, key, facts.pipelineVersion)
  return current
}

/** A file that cannot be decoded without killing the child is looked at once more, from outside. */
async function derive(
  { sandbox }: Pick<WorkerDeps, 'sandbox'>,
  inputPath: string,
  jobFolder: string,
): Promise<{ readonly derived: Derived; readonly outputFolder: string }> {
  let derived = UNKNOWN
  let outputFolder = jobFolder
  let reason: string | undefined
  for (const decode of [true, false]) {
    outputFolder = join(jobFolder, decode ? 'decoded' : 'undecoded')
    await mkdir(outputFolder)
    const outcome = await sandbox.derive({ inputPath, outputFolder, decode })
    if (outcome.kind === 'derived') {
      derived = outcome.derived
      break
    }
    reason ??= outcome.reason
  }
  return { derived: reason === undefined ? derived : { ...derived, reason }, outputFolder }
}
