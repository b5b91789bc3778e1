import { createHash } from 'node:crypto'
import { ChatError, parseBlobKey, type BlobKey } from '@satchel/protocol'
import { UrlSigner } from '../runtime/url-signer.ts'
import { extensionOf, typeOfExtension } from './media-types.ts'

/** What a link points to. */
export interface MediaTarget {
  readonly blob: BlobKey
  readonly pipelineVersion: number
  readonly variant: string
  readonly contentType: string
}

export interface MediaLink {
  readonly url: string
  readonly expiresAtMs: number
}

export interface VerifiedLink extends MediaTarget {
  readonly expiresAtMs: number
  readonly downloadName: string | undefined
}

export interface MediaLinksOptions {
  /** 32 random bytes; of its own, shared with nothing else. */
  readonly secret: Uint8Array
  /** How long a link is valid at least; at most twice that. */
  readonly windowMs: number
  /** Under which address media is reached, such as `https://media.example`; the server's own unless given. */
  readonly baseUrl?: string | undefined
}

const PATH = /^\/m\/([\w-]{22})\/([1-9]\d{0,5})\/([a-z0-9]{1,32})\.([a-z0-9]{1,5})$/
const QUERY = /^(e=(\d{1,12})(?:&n=([^&]{0,1024}))?)&s=([\w-]{22})$/

/**
 * Signed links to media:
 * `/m/<blob>/<pipeline version>/<variant>.<extension>?e=<expiry, seconds>[&n=<download name>]&s=<signature>`,
 * after the base address, which is not signed. The same for everybody within a window, so that browsers and edges cache by the path.
 */
export class MediaLinks {
  readonly #signer: UrlSigner
  readonly #windowSeconds: number
  readonly #baseUrl: string

  constructor({ secret, windowMs, baseUrl = '' }: MediaLinksOptions) {
    this.#signer = new UrlSigner(secret)
    this.#baseUrl = baseUrl
    this.#windowSeconds = Math.ceil(windowMs / 1_000)
  }

  sign(target: MediaTarget, nowMs: number, downloadName?: string): MediaLink {
    const { blob, pipelineVersion, variant, contentType } = target
    const expiry = this.#expiryOf(blob, nowMs)
    const path = `/m/${blob}/${pipelineVersion}/${variant}.${extensionOf(contentType)}`
    const name = downloadName === undefined ? '' : `&n=${encodeName(downloadName)}`
    const signed = this.#signer.sign(`${path}?e=${expiry}${name}`)
    return { url: this.#baseUrl + signed, expiresAtMs: expiry * 1_000 }
  }

  /** Reads a link as requested (path and query undecoded). Throws `link_invalid`, `link_expired`. */
  verify(path: string, query: string, nowMs: number): VerifiedLink {
    const target = parsePath(path)
    const [, signed = '', expiry = '', name, signature = ''] = QUERY.exec(query) ?? []
    if (!this.#signer.verify(`${path}?${signed}`, signature) || target === undefined) {
      throw new ChatError('link_invalid', 'the signature of the link does not fit')
    }
    const expiresAtMs = Number(expiry) * 1_000
    if (expiresAtMs <= nowMs) throw new ChatError('link_expired', 'the link was valid once')
    const downloadName = name === undefined ? undefined : decodeURIComponent(name)
    return { ...target, expiresAtMs, downloadName }
  }

  // A multiple of the window, shifted per blob so that not all links roll over at once.
  #expiryOf(blob: BlobKey, nowMs: number): number {
    const window = this.#windowSeconds
    const shift = createHash('sha256').update(blob).digest().readUInt32BE(0) % window
    const earliest = Math.floor(nowMs / 1_000) + window - shift
    return Math.ceil(earliest / window) * window + shift
  }
}

function parsePath(path: string): MediaTarget | undefined {
  const [, key = '', version, variant = '', extension = ''] = PATH.exec(path) ?? []
  const blob = parseBlobKey(key)
  const contentType = typeOfExtension(extension)
  if (blob === undefined || contentType === undefined) return undefined
  return { blob, pipelineVersion: Number(version), variant, contentType }
}

// A lone half of a surrogate pair has no encoding.
function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed())
}
