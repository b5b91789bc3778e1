import { createHmac, timingSafeEqual } from 'node:crypto'

const SIGNATURE_BYTES = 16

/** Signs paths with their queries, as `<url>&s=<signature>`: HMAC-SHA256, cut to 128 bits, base64url. */
export class UrlSigner {
  readonly #secret: Uint8Array

  /** @param secret 32 random bytes */
  constructor(secret: Uint8Array) {
    this.#secret = secret
  }

  sign(unsigned: string): string {
    return `${unsigned}&s=${this.signatureOf(unsigned)}`
  }

  signatureOf(unsigned: string): string {
    return this.#mac(unsigned).toString('base64url')
  }

  /** Takes as long for a wrong signature as for the right one. */
  verify(unsigned: string, signature: string): boolean {
    const given = Buffer.from(signature, 'base64url')
    return given.length === SIGNATURE_BYTES && timingSafeEqual(given, this.#mac(unsigned))
  }

  #mac(unsigned: string): Buffer {
    const digest = createHmac('sha256', this.#secret).update(unsigned).digest()
    return digest.subarray(0, SIGNATURE_BYTES)
  }
}
