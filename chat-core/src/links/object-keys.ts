import type { BlobKey } from '@satchel/protocol'
import type { MediaTarget } from './media-links.ts'

/** Where the verified bytes of a blob are. */
export function blobObjectKey(blob: BlobKey): string {
  return `blob/${blob}`
}

/** Under which everything made of a blob lies. */
export function derivedPrefix(blob: BlobKey): string {
  return `derived/${blob}/`
}

/** Under which what one version of the pipeline has made of it lies. */
export function pipelinePrefix(blob: BlobKey, pipelineVersion: number): string {
  return `${derivedPrefix(blob)}${pipelineVersion}/`
}

/** Under which marks lie. */
export const CONDEMNED_MARKS = 'condemned/'

/** An object that is there while the blob is condemned: edges look for it before they serve what they keep. */
export function condemnedMarkKey(blob: BlobKey): string {
  return `${CONDEMNED_MARKS}${blob}`
}

/** Where the bytes behind a link are. */
export function objectKeyOf({
  blob,
  pipelineVersion,
  variant,
}: Pick<MediaTarget, 'blob' | 'pipelineVersion' | 'variant'>): string {
  if (variant === 'original') return blobObjectKey(blob)
  return `${pipelinePrefix(blob, pipelineVersion)}${variant}`
}
