import { constants } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { objectKeyOf } from '@satchel/chat-core'
import type { BlobFacts, BlobRow } from '@satchel/chat-core/ports'
import type { Variant } from '@satchel/protocol'
import type { Derived, DerivedFile } from '../sandbox/derive-request.ts'
import type { WorkerDeps } from '../worker-deps.ts'
import { PIPELINE_VERSION } from './pipeline-version.ts'

/** Type of what the sandbox could not even look at. */
const UNKNOWN: Derived = {
  contentType: 'application/octet-stream',
  keepsOriginal: true,
  files: [],
}

/** Has the sandbox look at the file, stores what it made, and notes it with the blob. */
export async function deriveVariants(
  deps: Pick<WorkerDeps, 'sandbox' | 'objects' | 'blobs'>,
  blob: BlobRow,
  inputPath: string,
  jobFolder: string,
): Promise<BlobFacts> {
  const outputFolder = join(jobFolder, 'output')
  await mkdir(outputFolder)
  const outcome = await deps.sandbox.derive({ inputPath, outputFolder })
  const derived =
    outcome.kind === 'derived' ? outcome.derived : { ...UNKNOWN, reason: outcome.reason }
  const variants: Variant[] = []
  for (const file of derived.files) {
    variants.push(await storeVariant(deps, blob, file, join(outputFolder, file.variant)))
  }
  const { contentType, width, height, thumbhash, reason, keepsOriginal } = derived
  if (keepsOriginal) variants.push({ name: 'original', contentType, sizeBytes: blob.sizeBytes })
  const facts = { pipelineVersion: PIPELINE_VERSION, contentType, width, height, thumbhash, reason }
  await deps.blobs.describe(blob.key, { ...facts, variants })
  return { ...facts, variants }
}

async function storeVariant(
  { objects }: Pick<WorkerDeps, 'objects'>,
  blob: BlobRow,
  { variant, contentType, width, height }: DerivedFile,
  path: string,
): Promise<Variant> {
  // A child in foreign hands could have left a link to something else.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new Error(`the sandbox left no file for ${variant}`)
    const target = { blob: blob.key, pipelineVersion: PIPELINE_VERSION, variant }
    const bytes = file.createReadStream({ start: 0, autoClose: false })
    await objects.put(objectKeyOf(target), bytes, stats.size)
    return { name: variant, contentType, sizeBytes: stats.size, width, height }
  } finally {
    await file.close()
  }
}
