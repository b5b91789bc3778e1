import { LIMITS, type PartUrl, type UploadState } from '@satchel/protocol'
import type { AttachmentRow } from '../ports/attachment-catalogue.ts'
import type { StagedUpload } from '../ports/upload-target.ts'
import type { UploadDeps } from './upload-deps.ts'
import type { UploadSettings } from './upload-settings.ts'

/** How many URLs come with an answer that nobody asked for URLs. */
const FIRST_URLS = 4

/** One PUT of the whole, or parts of equal size but for the last. */
export function planUpload(
  settings: Pick<UploadSettings, 'singlePutBytes' | 'partBytes'>,
  sizeBytes: number,
): Pick<StagedUpload, 'partCount' | 'partBytes'> {
  if (sizeBytes <= settings.singlePutBytes) return { partCount: 0, partBytes: 0 }
  return {
    partCount: Math.ceil(sizeBytes / settings.partBytes),
    partBytes: settings.partBytes,
  }
}

/** Numbers of all parts: 0 alone for one PUT, otherwise 1, 2, 3 … */
export function partsOf(upload: StagedUpload): readonly number[] {
  return upload.partCount === 0
    ? [0]
    : Array.from({ length: upload.partCount }, (_, index) => index + 1)
}

export async function missingPartsOf(
  deps: Pick<UploadDeps, 'uploadTarget'>,
  upload: StagedUpload,
): Promise<readonly number[]> {
  const received = new Set((await deps.uploadTarget.received(upload)).map(({ part }) => part))
  return partsOf(upload).filter((part) => !received.has(part))
}

/** URLs for the first missing parts. */
export async function signFirstParts(
  deps: Pick<UploadDeps, 'uploadTarget' | 'clock' | 'settings'>,
  row: AttachmentRow,
  missing: readonly number[],
): Promise<readonly PartUrl[]> {
  return signParts(deps, row, missing.slice(0, FIRST_URLS))
}

/** URLs die with the upload: never later than its last possible moment. */
export async function signParts(
  deps: Pick<UploadDeps, 'uploadTarget' | 'clock' | 'settings'>,
  row: AttachmentRow,
  parts: readonly number[],
): Promise<readonly PartUrl[]> {
  const expiresAtMs = Math.min(
    deps.clock.nowMs() + deps.settings.urlLifetimeMs,
    row.createdMs + deps.settings.ageMs,
  )
  return deps.uploadTarget.sign(row.staging, parts.slice(0, LIMITS.partUrlsPerRequest), expiresAtMs)
}

export function uploadStateOf(
  row: AttachmentRow,
  missingParts: readonly number[] = [],
  urls: readonly PartUrl[] = [],
): UploadState {
  const { partCount, partBytes } = row.staging
  return {
    attachmentId: row.id,
    state: row.state,
    version: row.version,
    partCount,
    partBytes,
    missingParts,
    urls,
    ...(row.reason !== undefined && { reason: row.reason }),
  }
}
