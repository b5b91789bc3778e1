import type { BlobFacts, BlobRow } from '@satchel/chat-core/ports'
import { PIPELINE_VERSION } from './pipeline-version.ts'

export type DescribedBlob = BlobRow & { readonly facts: BlobFacts }

/**
 * Whether this worker would find out nothing better about a blob: it was described by this pipeline or a newer one,
 * with ffmpeg where it takes that, or as well as can be without.
 */
export function isDescribed(blob: BlobRow, canPlay: boolean): blob is DescribedBlob {
  const { facts } = blob
  if (facts === undefined) return false
  if (isPlayable(facts) && !canPlay) return true
  return facts.pipelineVersion >= PIPELINE_VERSION && facts.reason !== 'no_ffmpeg'
}

/** Whether it takes ffmpeg. */
export function isPlayable({ contentType }: Pick<BlobFacts, 'contentType'>): boolean {
  return contentType.startsWith('video/') || contentType.startsWith('audio/')
}
