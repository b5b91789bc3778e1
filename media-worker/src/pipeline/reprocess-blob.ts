import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobRow } from '@satchel/chat-core/ports'
import type { BlobKey } from '@satchel/protocol'
import { removeFolder } from '../sandbox/remove-folder.ts'
import type { WorkerDeps } from '../worker-deps.ts'
import { deriveVariants } from './derive-variants.ts'
import { isPlayable, type DescribedBlob } from './is-described.ts'
import { downloadBlob } from './download-blob.ts'
import { PIPELINE_VERSION } from './pipeline-version.ts'
import { renewAttachments } from './renew-attachments.ts'

/** It takes a worker that has it. */
export class FfmpegMissing extends Error {
  constructor() {
    super('there is no ffmpeg here')
    this.name = 'FfmpegMissing'
  }
}

/**
 * Describes bytes anew that are shown already, and has every attachment of them, and its message, say what was
 * found. Again: the same outputs. Rejects when the machine, not the file, is to blame.
 */
export async function reprocessBlob(deps: WorkerDeps, key: BlobKey): Promise<void> {
  const blob = await deps.blobs.read(key)
  if (!isShownByUs(blob)) return
  // Whatever is known of it is more than could be found out here.
  if (isPlayable(blob.facts) && !deps.canPlay) throw new FfmpegMissing()
  const startMs = deps.clock.nowMs()
  const folder = await mkdtemp(join(deps.temporaryFolder, 'job-'))
  try {
    const path = join(folder, 'input')
    await downloadBlob(deps, key, path)
    const { contentType, reason } = await deriveVariants(
      { ...deps, sandbox: deps.lateSandbox },
      blob,
      path,
      folder,
    )
    const described = await deps.blobs.read(key)
    const attachments = isShownByUs(described) ? await renewAttachments(deps, described) : 0
    const tookMs = deps.clock.nowMs() - startMs
    deps.telemetry.reprocessed(key, { contentType, reason, attachments, tookMs })
  } finally {
    await removeFolder(folder)
  }
}

/** Somebody has it, and no newer pipeline has described it. */
function isShownByUs(blob: BlobRow | undefined): blob is DescribedBlob {
  return blob?.state === 'live' && (blob.facts?.pipelineVersion ?? Infinity) <= PIPELINE_VERSION
}
