import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import type { MediaLink, MediaLinks, MediaTarget } from './media-links.ts'

export interface CloudFrontLinksOptions {
  /** Of the public key, in a key group that the distribution trusts. */
  readonly keyPairId: string
  /** RSA of 2,048 bits, or EC of P-256, in PEM. */
  readonly privateKey: string
}

/**
 * Links of ours, signed once more for Amazon CloudFront with a canned policy: CloudFront checks its signature before its cache, and passes
 * the rest on to an edge or gateway, which checks ours. Links to HLS are left as they are: CloudFront's
 * signature would have to stand in the query, which what a playlist refers to does not inherit.
 *
 * Signing costs much: remember what was signed.
 */
export class CloudFrontLinks implements MediaLinks {
  readonly #links: MediaLinks
  readonly #keyPairId: string
  readonly #privateKey: KeyObject

  /** @param links begin with the address of the distribution */
  constructor(links: MediaLinks, { keyPairId, privateKey }: CloudFrontLinksOptions) {
    this.#links = links
    this.#keyPairId = keyPairId
    this.#privateKey = createPrivateKey(privateKey)
  }

  sign(target: MediaTarget, nowMs: number, downloadName?: string): MediaLink {
    const link = this.#links.sign(target, nowMs, downloadName)
    return target.variant === 'hls' ? link : { ...link, url: this.#signUrl(link) }
  }

  /** As "Create a signed URL using a canned policy" of the CloudFront Developer Guide has it. */
  #signUrl({ url, expiresAtMs }: MediaLink): string {
    const expiry = expiresAtMs / 1_000
    // Spaces or another order would make another policy of it.
    const policy = `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${expiry}}}}]}`
    const signature = sign('sha256', Buffer.from(policy), this.#privateKey).toString('base64')
    return [
      `${url}&Expires=${expiry}`,
      `Signature=${forQuery(signature)}`,
      `Key-Pair-Id=${this.#keyPairId}`,
      'Hash-Algorithm=SHA256',
    ].join('&')
  }
}

/** CloudFront's own base64 for queries. */
function forQuery(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~')
}
