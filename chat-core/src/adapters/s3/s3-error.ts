import { S3ServiceException, type S3Client } from '@aws-sdk/client-s3'
import { ChatError } from '@satchel/protocol'

/** What was asked, and of whom. */
export interface S3Request {
  /** As the store calls it: `HeadBucket`. */
  readonly operation: string
  readonly bucket: string
  /** `http(s)://host[:port]` */
  readonly endpoint: string
}

/** What the store answered to a request that the SDK did not make. */
export class S3StatusError extends Error {
  readonly status: number

  constructor(status: number, request?: S3Request) {
    super(
      request === undefined
        ? `the store answered ${String(status)}`
        : describeAnswer(status, request),
    )
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
  if (error instanceof S3ServiceException) {
    const status = statusOf(error)
    return isNameless(error) && status !== undefined ? `status_${String(status)}` : error.name
  }
  if (error instanceof S3StatusError) return `status_${String(error.status)}`
  if (error instanceof S3PartialError) return 'partial'
  if (isOutOfTime(error)) return 'timeout'
  return isSocketError(error) ? 'socket' : 'other'
}

/**
 * From now on, what this SDK's requests are refused with says what was asked of whom, and what to look at. What it
 * is, and what else it says, stays: an answer to a HEAD has no body, and nothing to say.
 */
export function explainS3Failures(sdk: Pick<S3Client, 'middlewareStack'>, endpoint: URL): void {
  sdk.middlewareStack.add(
    (next, { commandName }) =>
      async (request) => {
        try {
          return await next(request)
        } catch (error) {
          const operation = String(commandName).replace(/Command$/, '')
          if (error instanceof S3ServiceException)
            explain(error, {
              operation,
              bucket: bucketOf(request.input),
              endpoint: endpoint.origin,
            })
          throw error
        }
      },
    { step: 'initialize', name: 'explainS3Failures' },
  )
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

function explain(error: S3ServiceException, request: S3Request): void {
  const status = statusOf(error)
  if (status === undefined) return
  const said = isNameless(error) ? '' : ` (${error.message})`
  error.message = `${describeAnswer(status, request)}${said}`
}

function describeAnswer(status: number, { operation, bucket, endpoint }: S3Request): string {
  const answer = `${endpoint} answered ${String(status)} to ${operation} of bucket ${bucket}`
  return status === 401 || status === 403
    ? `${answer}: the access key or its secret is wrong, or lacks the right to do this`
    : answer
}

/** Without a body an answer has no name of its own; the SDK makes one up. */
function isNameless({ name }: S3ServiceException): boolean {
  return name === 'Unknown' || name === 'UnknownError' || /^\d+$/.test(name)
}

function bucketOf(input: object): string {
  return 'Bucket' in input && typeof input.Bucket === 'string' ? input.Bucket : 'none'
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
