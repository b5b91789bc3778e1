import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import type { BlobFacts } from '../ports/blob-catalogue.ts'
import type { UploadDeps } from './upload-deps.ts'

export const HLS_VARIANT = 'hls'
const LONG_MS = 60_000
/** Longer than this it would take too long to make. */
const LONGEST_MS = 30 * 60_000
/** Of the shorter side: what is larger is worth having in several sizes. */
const LARGE_PIXELS = 720

/**
 * Asks for HLS where an attachment is due some: video that is long or large. To be called for every attachment
 * that becomes ready, however; asking again while that is under way does nothing. Each attachment asks for
 * itself, so that none of several with the same bytes is missed; it is made once for all of them.
 */
export async function enqueueHls(
  deps: Pick<UploadDeps, 'jobs'>,
  row: AttachmentRow,
): Promise<void> {
  if (!isHlsOwed(row)) return
  await deps.jobs.enqueue(hlsJobId(row.id), { kind: 'derive_hls', attachmentId: row.id })
}

export function hlsJobId(attachmentId: AttachmentRow['id']): string {
  return `hls:${attachmentId}`
}

/** Whether an attachment is ready and has no HLS although it should. */
export function isHlsOwed({ state, detached, facts }: AttachmentRow): boolean {
  const isShown = state === 'ready' && detached !== true
  return isShown && facts !== undefined && isHlsPossible(facts) && !hasHls(facts)
}

export function hasHls({ variants }: BlobFacts): boolean {
  return variants.some(({ name }) => name === HLS_VARIANT)
}

function isHlsPossible(facts: BlobFacts): boolean {
  const { hlsRefused, durationMs = 0 } = facts
  return hlsRefused === undefined && durationMs <= LONGEST_MS && isWorthHls(facts)
}

function isWorthHls({ variants, durationMs = 0, width = 0, height = 0 }: BlobFacts): boolean {
  const isVideo = variants.some(
    ({ name, contentType }) => name === 'play' && contentType.startsWith('video/'),
  )
  return isVideo && (durationMs > LONG_MS || Math.min(width, height) > LARGE_PIXELS)
}
