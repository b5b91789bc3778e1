import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobFacts, BlobRow } from '@satchel/chat-core/ports'
import type { Variant } from '@satchel/protocol'
import type { Derived } from '../sandbox/derive-request.ts'
import type { WorkerDeps } from '../worker-deps.ts'
import { PIPELINE_VERSION } from './pipeline-version.ts'
import { storeVariant } from './store-variant.ts'

/** What no child survived looking at: it is kept, and not handed out. */
const UNKNOWN: Derived = {
  contentType: 'application/octet-stream',
  keepsOriginal: false,
  files: [],
}

/** Has the sandbox look at the file, stores what it made, and notes it with the blob. */
export async function deriveVariants(
  deps: Pick<WorkerDeps, 'sandbox' | 'objects' | 'blobs'>,
  blob: BlobRow,
  inputPath: string,
  jobFolder: string,
): Promise<BlobFacts> {
  const { derived, outputFolder } = await derive(deps, inputPath, jobFolder)
  const { files, keepsOriginal, ...found } = derived
  const variants: Variant[] = []
  for (const file of files) {
    variants.push(await storeVariant(deps, blob.key, file, outputFolder))
  }
  if (keepsOriginal) {
    variants.push({ name: 'original', contentType: found.contentType, sizeBytes: blob.sizeBytes })
  }
  const facts = { ...found, pipelineVersion: PIPELINE_VERSION }
  await deps.blobs.describe(blob.key, { ...facts, variants })
  return { ...facts, variants }
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
