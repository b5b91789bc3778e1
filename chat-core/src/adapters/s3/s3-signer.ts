import type { S3Client as Sdk } from '@aws-sdk/client-s3'
import { S3RequestPresigner } from '@aws-sdk/s3-request-presigner'
import { HttpRequest } from '@smithy/protocol-http'

/** A request that may be made until it expires, by whoever has it. */
export interface RequestToSign {
  readonly method: 'GET' | 'HEAD' | 'PUT'
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  /** Those that the request must carry, with exactly these values. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The time of signing; a request counts from there. */
  readonly nowMs: number
  readonly lifetimeSeconds: number
}

/**
 * Signs requests to one address of the store (AWS Signature Version 4, in the query). Straight to the
 * presigner: `getSignedUrl` gives the same bytes for ten times the work.
 */
export class S3Signer {
  readonly #endpoint: URL
  readonly #presigner: S3RequestPresigner

  constructor(
    { credentials, region, sha256 }: Pick<Sdk['config'], 'credentials' | 'region' | 'sha256'>,
    endpoint: URL,
  ) {
    this.#endpoint = endpoint
    this.#presigner = new S3RequestPresigner({ credentials, region, sha256 })
  }

  async sign(request: RequestToSign): Promise<HttpRequest> {
    const { protocol, hostname, port, host } = this.#endpoint
    const { method, path, query = {}, headers = {} } = request
    const signed = await this.#presigner.presign(
      new HttpRequest({
        method,
        protocol,
        hostname,
        ...(port !== '' && { port: Number(port) }),
        path,
        query: { ...query },
        headers: { ...headers, host },
      }),
      { expiresIn: request.lifetimeSeconds, signingDate: new Date(request.nowMs) },
    )
    return new HttpRequest(signed)
  }

  async signUrl(request: RequestToSign): Promise<string> {
    const { path, query } = await this.sign(request)
    const parameters = Object.entries(query).map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
    )
    return `${this.#endpoint.origin}${path}?${parameters.join('&')}`
  }
}
