import { LIMITS } from '@satchel/protocol'

const HOUR_MS = 60 * 60 * 1_000
const MiB = 1024 * 1024

/** What an operator may set about uploads. */
export interface UploadSettings {
  readonly maxBytes: number
  /** Up to here an upload is one PUT. */
  readonly singlePutBytes: number
  readonly partBytes: number
  readonly maxPending: number
  readonly bytesPerUserAndDay: number
  /** Forwarded ones count as well. */
  readonly filesPerUserAndDay: number
  /** MIME types, or families like `video/*`. Holds for the claimed and the real type. */
  readonly refusedTypes: readonly string[]
  readonly urlLifetimeMs: number
  /** An upload nobody asked about, and no part of which came, for this long expires. */
  readonly idleMs: number
  /** An upload not complete after this long expires. */
  readonly ageMs: number
  /** An attachment in no message this long after its upload was complete expires. */
  readonly unattachedMs: number
  /** Bytes are judged at the latest after this long, or asked for once more. */
  readonly stuckMs: number
  /** How long bytes nobody refers to, and rows of deleted attachments, are kept. */
  readonly graceMs: number
  /** Attachments in messages go at this age; absent: never. */
  readonly retentionMs?: number | undefined
}

export const DEFAULT_UPLOAD_SETTINGS: UploadSettings = {
  maxBytes: 50 * MiB,
  singlePutBytes: LIMITS.singlePutBytes,
  partBytes: LIMITS.partBytes,
  maxPending: LIMITS.pendingUploadsPerUser,
  bytesPerUserAndDay: 1024 * MiB,
  filesPerUserAndDay: 2_000,
  refusedTypes: [],
  urlLifetimeMs: HOUR_MS / 4,
  idleMs: 2 * HOUR_MS,
  ageMs: 24 * HOUR_MS,
  unattachedMs: 24 * HOUR_MS,
  stuckMs: 5 * 60 * 1_000,
  graceMs: 72 * HOUR_MS,
}

/** Whether files of `contentType` (parameters aside) are accepted. */
export function isTypeAllowed(
  { refusedTypes }: Pick<UploadSettings, 'refusedTypes'>,
  contentType: string,
): boolean {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return !refusedTypes.some((refused) =>
    refused.endsWith('/*') ? type.startsWith(refused.slice(0, -1)) : type === refused,
  )
}
