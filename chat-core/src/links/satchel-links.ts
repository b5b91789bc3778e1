import { createHash } from 'node:crypto'
import { ChatError, parseBlobKey, type BlobKey } from '@satchel/protocol'
import { UrlSigner } from '../runtime/url-signer.ts'
import type { MediaLink, MediaLinks, MediaTarget } from './media-links.ts'
import { HLS_TYPES_BY_EXTENSION, extensionOf, typeOfExtension } from './media-types.ts'

/** Of an `hls` variant one file, as `hls/<file>`. */
export interface VerifiedLink extends MediaTarget {
  readonly expiresAtMs: number
  readonly downloadName: string | undefined
}

export interface SatchelLinksOptions {
  /** 32 random bytes; of its own, shared with nothing else. */
  readonly secret: Uint8Array
  /** How long a link is valid at least; at most twice that. */
  readonly windowMs: number
  /** Under which address media is reached, such as `https://media.example`; the server's own unless given. */
  readonly baseUrl?: string | undefined
}

/** What a link says before its signature is checked: what we did not encode may be no encoding at all. */
interface Claim {
  readonly unsigned: string
  readonly signature: string
  readonly link: Omit<VerifiedLink, 'downloadName'>
  readonly encodedName: string | undefined
}

const PATH = /^\/m\/([\w-]{22})\/([1-9]\d{0,5})\/([a-z0-9]{1,32})\.([a-z0-9]{1,5})$/
const QUERY = /^(e=(\d{1,12})(?:&n=([^&]{0,1024}))?)&s=([\w-]{22})$/
const HLS_PATH =
  /^\/h\/(\d{1,12})\/([\w-]{22})\/([\w-]{22})\/([1-9]\d{0,5})\/([a-z0-9-]{1,40}\.([a-z0-9]{1,5}))$/

/**
 * Links with a signature of ours, which gateways and `deploy/edge` verify:
 * `/m/<blob>/<pipeline version>/<variant>.<extension>?e=<expiry, seconds>[&n=<download name>]&s=<signature>`, and for HLS
 * `/h/<expiry>/<signature>/<blob>/<pipeline version>/<file>`, whose signature holds for every file: what a playlist
 * refers to relatively inherits it. The base address is not signed.
 */
export class SatchelLinks implements MediaLinks {
  readonly #signer: UrlSigner
  readonly #windowSeconds: number
  readonly #baseUrl: string

  constructor({ secret, windowMs, baseUrl = '' }: SatchelLinksOptions) {
    this.#signer = new UrlSigner(secret)
    this.#baseUrl = baseUrl
    this.#windowSeconds = Math.ceil(windowMs / 1_000)
  }

  sign(target: MediaTarget, nowMs: number, downloadName?: string): MediaLink {
    const expiry = this.#expiryOf(target.blob, nowMs)
    const url =
      target.variant === 'hls'
        ? this.#signPlaylist(target, expiry)
        : this.#signer.sign(unsignedUrl(target, expiry, downloadName))
    return { url: this.#baseUrl + url, expiresAtMs: expiry * 1_000 }
  }

  /** Reads a link as requested (path and query undecoded). Throws `link_invalid`, `link_expired`. */
  verify(path: string, query: string, nowMs: number): VerifiedLink {
    const claim = parseHlsLink(path, query) ?? parseLink(path, query)
    if (claim === undefined || !this.#signer.verify(claim.unsigned, claim.signature)) {
      throw new ChatError('link_invalid', 'the signature of the link does not fit')
    }
    const { link, encodedName } = claim
    if (link.expiresAtMs <= nowMs) throw new ChatError('link_expired', 'the link was valid once')
    const downloadName = encodedName === undefined ? undefined : decodeURIComponent(encodedName)
    return { ...link, downloadName }
  }

  #signPlaylist({ blob, pipelineVersion }: MediaTarget, expiry: number): string {
    const signature = this.#signer.signatureOf(unsignedHls(blob, pipelineVersion, expiry))
    return `/h/${expiry}/${signature}/${blob}/${pipelineVersion}/master.m3u8`
  }

  // A multiple of the window, shifted per blob so that not all links roll over at once.
  #expiryOf(blob: BlobKey, nowMs: number): number {
    const window = this.#windowSeconds
    const shift = createHash('sha256').update(blob).digest().readUInt32BE(0) % window
    const earliest = Math.floor(nowMs / 1_000) + window - shift
    return Math.ceil(earliest / window) * window + shift
  }
}

function unsignedUrl(target: MediaTarget, expiry: number, downloadName?: string): string {
  const { blob, pipelineVersion, variant, contentType } = target
  const name = downloadName === undefined ? '' : `&n=${encodeName(downloadName)}`
  return `/m/${blob}/${pipelineVersion}/${variant}.${extensionOf(contentType)}?e=${expiry}${name}`
}

function unsignedHls(blob: BlobKey, pipelineVersion: number | string, expiry: number | string) {
  return `/h/${expiry}/${blob}/${pipelineVersion}/`
}

function parseLink(path: string, query: string): Claim | undefined {
  const [, key = '', version, variant = '', extension = ''] = PATH.exec(path) ?? []
  const [, signed = '', expiry = '', name, signature = ''] = QUERY.exec(query) ?? []
  const blob = parseBlobKey(key)
  const contentType = typeOfExtension(extension)
  if (blob === undefined || contentType === undefined) return undefined
  const expiresAtMs = Number(expiry) * 1_000
  return {
    unsigned: `${path}?${signed}`,
    signature,
    link: { blob, pipelineVersion: Number(version), variant, contentType, expiresAtMs },
    encodedName: name,
  }
}

function parseHlsLink(path: string, query: string): Claim | undefined {
  const [, expiry = '', signature = '', key = '', version = '', file = '', extension = ''] =
    HLS_PATH.exec(path) ?? []
  const blob = parseBlobKey(key)
  const contentType = typeOfExtension(extension, HLS_TYPES_BY_EXTENSION)
  if (query !== '' || blob === undefined || contentType === undefined) return undefined
  const target = { blob, pipelineVersion: Number(version), variant: `hls/${file}`, contentType }
  return {
    unsigned: unsignedHls(blob, version, expiry),
    signature,
    link: { ...target, expiresAtMs: Number(expiry) * 1_000 },
    encodedName: undefined,
  }
}

// A lone half of a surrogate pair has no encoding.
function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed())
}
