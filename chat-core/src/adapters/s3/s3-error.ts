import { S3ServiceException } from '@aws-sdk/client-s3'
import { ChatError } from '@satchel/protocol'

/** What the store answered to a request that the SDK did not make. */
export class S3StatusError extends Error {
  readonly status: number

  constructor(status: number) {
    super(`the store answered ${String(status)}`)
    this.name = 'S3StatusError'
    this.status = status
  }
}

/** Some keys, named in an answer that was a success as a whole, were not removed. */
export class S3PartialError extends Error {
  constructor(failed: number, firstCode: string) {
    super(`${String(failed)} objects were not removed, the first for ${firstCode}`)
    this.name = 'S3PartialError'
  }
}

// Beside what status codes say: these come with 4xx, or in the body of a 200.
const TRANSIENT_NAMES: ReadonlySet<string> = new Set([
  'InternalError',
  'OperationAborted',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
  'S3PartialError',
])

const FULL_NAMES: ReadonlySet<string> = new Set(['InsufficientStorage', 'QuotaExceeded'])

/** Whether a call failed by who was called, not by what was asked. */
export function isTransientS3Error(error: unknown): boolean {
  if (isStoreFull(error)) return false
  const status = statusOf(error)
  if (status !== undefined && (status >= 500 || status === 429)) return true
  if (error instanceof Error && TRANSIENT_NAMES.has(error.name)) return true
  return status === undefined && (isOutOfTime(error) || isSocketError(error))
}

/** Names an error for telemetry: one of few. */
export function s3ErrorCode(error: unknown): string {
  if (error instanceof S3ServiceException) return error.name
  if (error instanceof S3StatusError) return `status_${String(error.status)}`
  if (error instanceof S3PartialError) return 'partial'
  if (isOutOfTime(error)) return 'timeout'
  return isSocketError(error) ? 'socket' : 'other'
}

export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && !(error instanceof Error && error.name === 'NoSuchBucket')
}

export function isConditionFailed(error: unknown): boolean {
  return statusOf(error) === 412
}

/** A part that was to be put together is not the one that is there. */
export function isOutdated(error: unknown): boolean {
  return error instanceof Error && error.name === 'InvalidPart'
}

/** What to throw when there is no room; `undefined` when that is not what is wrong. */
export function fullError(error: unknown): ChatError | undefined {
  return isStoreFull(error)
    ? new ChatError('storage_full', 's3 has no room left', { cause: error })
    : undefined
}

function isStoreFull(error: unknown): boolean {
  return statusOf(error) === 507 || (error instanceof Error && FULL_NAMES.has(error.name))
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof S3StatusError) return error.status
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
}

// Ours ran out, or the socket's.
function isOutOfTime(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
}

function isSocketError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}
