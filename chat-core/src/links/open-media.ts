import { ChatError, type BlobKey } from '@satchel/protocol'
import type { Clock } from '../ports/clock.ts'
import type { ByteRange, ObjectStore } from '../ports/object-store.ts'
import { parseByteRange } from './byte-range.ts'
import { isShownInPlace } from './is-shown-in-place.ts'
import { objectKeyOf } from './object-keys.ts'
import type { SatchelLinks, VerifiedLink } from './satchel-links.ts'

export interface MediaRequest {
  readonly method: 'GET' | 'HEAD'
  /** As requested, undecoded. */
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  readonly range?: string | undefined
  readonly ifRange?: string | undefined
  readonly ifNoneMatch?: string | undefined
}

export interface MediaResponse {
  readonly status: 200 | 206 | 304
  /** All but `Content-Length`: servers write that themselves, from `contentLength`. */
  readonly headers: Readonly<Record<string, string>>
  readonly contentLength: number
  /** Absent for HEAD and 304. To be read to its end, or ended by `return`. */
  readonly body?: AsyncIterable<Uint8Array> | undefined
}

export interface OpenMediaDeps {
  readonly objects: Pick<ObjectStore, 'head' | 'read'>
  readonly verifier: Pick<SatchelLinks, 'verify'>
  readonly clock: Clock
  /** Whether nothing refers to the blob any more, or it is gone. */
  readonly isCondemned: (blob: BlobKey) => Promise<boolean>
}

/**
 * Serves a signed link. Throws `link_invalid`, `link_expired`, `no_such_attachment` (deleted), and
 * `range_not_satisfiable`, whose `limit` is the size for `Content-Range`.
 */
export async function openMedia(
  deps: OpenMediaDeps,
  request: MediaRequest,
): Promise<MediaResponse> {
  const nowMs = deps.clock.nowMs()
  const link = deps.verifier.verify(request.path, request.query, nowMs)
  const key = objectKeyOf(link)
  const [isCondemned, object] = await Promise.all([
    deps.isCondemned(link.blob),
    deps.objects.head(key),
  ])
  if (isCondemned || object === undefined) throw gone()
  // Keys are never reused, so the path alone names the bytes.
  const etag = `"${link.blob}-${link.pipelineVersion}-${link.variant}"`
  const headers = headersOf(link, etag, nowMs)
  if (request.ifNoneMatch?.includes(etag) === true) {
    return { status: 304, headers, contentLength: 0 }
  }
  const isRangeFresh = request.ifRange === undefined || request.ifRange === etag
  const range = isRangeFresh ? parseByteRange(request.range, object.sizeBytes) : undefined
  const partial = rangeOf(range, object.sizeBytes)
  const answer = { ...partial, headers: { ...headers, ...partial.headers } }
  if (request.method === 'HEAD') return answer
  const read = await deps.objects.read(key, range)
  if (read === undefined) throw gone()
  return { ...answer, body: read.body }
}

function rangeOf(range: ByteRange | undefined, sizeBytes: number): MediaResponse {
  if (range === undefined) return { status: 200, headers: {}, contentLength: sizeBytes }
  const { first, last } = range
  const contentRange = `bytes ${first}-${last}/${sizeBytes}`
  return {
    status: 206,
    headers: { 'Content-Range': contentRange },
    contentLength: last - first + 1,
  }
}

function headersOf(link: VerifiedLink, etag: string, nowMs: number): Record<string, string> {
  const lifetimeSeconds = Math.floor((link.expiresAtMs - nowMs) / 1_000)
  return {
    'Content-Type': link.contentType,
    ETag: etag,
    'Accept-Ranges': 'bytes',
    'Cache-Control': `private, max-age=${lifetimeSeconds}, immutable`,
    'Content-Disposition': dispositionOf(link),
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Referrer-Policy': 'no-referrer',
  }
}

/** Only what we encoded ourselves is shown in place. */
function dispositionOf({ variant, downloadName }: VerifiedLink): string {
  if (isShownInPlace(variant) && downloadName === undefined) return 'inline'
  const name = downloadName ?? variant
  // RFC 6266: a plain name for old readers, the real one encoded.
  const plain = name.replaceAll(/[^\w .-]/g, '_')
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*!]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

function gone(): ChatError {
  return new ChatError('no_such_attachment', 'the file was deleted')
}
