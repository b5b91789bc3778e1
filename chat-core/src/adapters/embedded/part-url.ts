import { ChatError } from '@satchel/protocol'
import type { PartRequest } from '../../ports/upload-target.ts'
import type { UrlSigner } from '../../runtime/url-signer.ts'

/** One part of one upload, as its URL names it. */
export interface NamedPart {
  readonly targetId: string
  readonly part: number
  readonly sizeBytes: number
}

const ADDRESS = /^(\/u\/([\w-]{22})\/(\d{1,5})\?e=(\d{1,12})&n=(\d{1,12}))&s=([\w-]{22})$/

/** `/u/<upload>/<part>?e=<expiry, seconds>&n=<exact length>&s=<signature>` */
export function signPartUrl(
  signer: UrlSigner,
  { targetId, part, sizeBytes }: NamedPart,
  expiresAtMs: number,
): string {
  const expiry = Math.floor(expiresAtMs / 1_000)
  return signer.sign(`/u/${targetId}/${part}?e=${expiry}&n=${sizeBytes}`)
}

/** Throws `link_invalid`, `link_expired`, or `file_changed` when the body has not the signed length. */
export function verifyPartUrl(signer: UrlSigner, request: PartRequest): NamedPart {
  const match = ADDRESS.exec(`${request.path}?${request.query}`)
  const [, signed = '', targetId = '', part, expiry, length, signature = ''] = match ?? []
  if (match === null || !signer.verify(signed, signature)) {
    throw new ChatError('link_invalid', 'the signature of the upload address does not fit')
  }
  if (Number(expiry) * 1_000 <= request.nowMs) {
    throw new ChatError('link_expired', 'the upload address was valid once; ask for a new one')
  }
  const sizeBytes = Number(length)
  if (request.contentLength !== sizeBytes) {
    throw new ChatError('file_changed', `this part has ${sizeBytes} bytes`, { limit: sizeBytes })
  }
  return { targetId, part: Number(part), sizeBytes }
}
