import { Agent as HttpAgent, type IncomingHttpHeaders } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { S3Client as Sdk, type S3ClientConfig } from '@aws-sdk/client-s3'
import type { Clock } from '../../ports/clock.ts'
import type { ObjectFacts } from '../../ports/object-store.ts'
import { createMonotonicClock } from '../../runtime/monotonic-clock.ts'
import { awsEndpoint } from '../../runtime/s3-addresses.ts'
import { createSystemClock } from '../../runtime/system-clock.ts'
import { ServerPolicy } from '../server-policy.ts'
import type { ServerTelemetry } from '../server-telemetry.ts'
import { callWithin } from './call-within.ts'
import { S3StatusError, explainS3Failures, isTransientS3Error, s3ErrorCode } from './s3-error.ts'
import { S3Signer } from './s3-signer.ts'
import { sendHead } from './send-head.ts'

export interface S3ClientOptions {
  /** `http(s)://host[:port]`; that of AWS in `region` unless given. */
  readonly endpoint?: string | undefined
  /** Where clients reach the same store; `endpoint` unless given. */
  readonly publicEndpoint?: string | undefined
  readonly region: string
  readonly bucket: string
  /** Without keys: the credentials that the machine itself has been given. */
  readonly accessKey?: string | undefined
  readonly secretKey?: string | undefined
  readonly telemetry: ServerTelemetry
  /** The machine's unless given. */
  readonly clock?: Clock | undefined
}

export interface StoredObject extends ObjectFacts {
  readonly modifiedMs: number
}

export interface PutToSign {
  readonly key: string
  /** The request must have a body of exactly this length. */
  readonly sizeBytes: number
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly expiresAtMs: number
}

/** A request made through the SDK; `signal` is its deadline. */
export type S3Request<Result> = (sdk: Sdk, signal: AbortSignal) => Promise<Result>

const CALL_DEADLINE_MS = 10_000
const CONNECT_DEADLINE_MS = 3_000
/** Connecting included; there is no body to wait for. */
const HEAD_DEADLINE_MS = 5_000
const CALLS = { atOnce: 128, waiting: 2_048 } as const
/** Of connections: bodies that are read slowly keep theirs. */
const MAX_SOCKETS = 1_024
const HEAD_LIFETIME_SECONDS = 60
const SECONDS_OF_A_WEEK = 604_800
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore } as const

/** One bucket of an S3 store, shared by the adapters of a process. What fails, fails with a `ChatError`. */
export class S3Client {
  readonly bucket: string
  readonly region: string
  readonly #sdk: Sdk
  readonly #endpoint: URL
  readonly #agent: HttpAgent
  readonly #policy: ServerPolicy
  readonly #clock: Clock
  readonly #ownRequests: S3Signer
  readonly #clientRequests: S3Signer

  constructor(options: S3ClientOptions) {
    const { region, bucket, telemetry } = options
    const endpoint = new URL(options.endpoint ?? awsEndpoint(region))
    this.bucket = bucket
    this.region = region
    const agents = createAgents()
    this.#endpoint = endpoint
    this.#agent = endpoint.protocol === 'https:' ? agents.httpsAgent : agents.httpAgent
    this.#sdk = new Sdk(sdkConfig(options, endpoint, agents))
    explainS3Failures(this.#sdk, endpoint)
    this.#policy = new ServerPolicy({
      server: 's3',
      address: endpoint.origin,
      telemetry,
      clock: createMonotonicClock(),
      ...CALLS,
      isTransient: isTransientS3Error,
      codeOf: s3ErrorCode,
    })
    this.#clock = options.clock ?? createSystemClock()
    this.#ownRequests = new S3Signer(this.#sdk.config, endpoint)
    this.#clientRequests = new S3Signer(
      this.#sdk.config,
      new URL(options.publicEndpoint ?? endpoint),
    )
  }

  /** For what may be done twice: tried again after a transient failure. `deadlineMs` is that of each try. */
  callRepeatable<Result>(
    request: S3Request<Result>,
    deadlineMs = CALL_DEADLINE_MS,
  ): Promise<Result> {
    return this.#policy.callRepeatable(() => this.#call(request, deadlineMs))
  }

  /** For what must not be repeated without looking. */
  callOnce<Result>(request: S3Request<Result>, deadlineMs = CALL_DEADLINE_MS): Promise<Result> {
    return this.#policy.callOnce(() => this.#call(request, deadlineMs))
  }

  /** What is there under `key` now. */
  head(key: string): Promise<StoredObject | undefined> {
    return this.#policy.callRepeatable(() =>
      callWithin(HEAD_DEADLINE_MS, (signal) => this.#head(key, signal)),
    )
  }

  /** A URL at the public endpoint under which anybody may write `key`, once or more, until it expires. */
  signPut({ key, sizeBytes, query, expiresAtMs }: PutToSign): Promise<string> {
    const nowMs = this.#clock.nowMs()
    const seconds = Math.floor((expiresAtMs - nowMs) / 1_000)
    return this.#clientRequests.signUrl({
      method: 'PUT',
      path: this.#pathOf(key),
      query,
      headers: { 'content-length': String(sizeBytes) },
      nowMs,
      lifetimeSeconds: Math.min(Math.max(seconds, 1), SECONDS_OF_A_WEEK),
    })
  }

  close(): void {
    this.#sdk.destroy()
  }

  #call<Result>(request: S3Request<Result>, deadlineMs: number): Promise<Result> {
    return callWithin(deadlineMs, (signal) => request(this.#sdk, signal))
  }

  // Whoever completes an upload waits for this one: without the SDK's stack it takes a fraction of the CPU.
  async #head(key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    const path = await this.#ownRequests.signPath({
      method: 'HEAD',
      path: this.#pathOf(key),
      nowMs: this.#clock.nowMs(),
      lifetimeSeconds: HEAD_LIFETIME_SECONDS,
    })
    const [endpoint, agent] = [this.#endpoint, this.#agent]
    const { status, headers } = await sendHead({ endpoint, agent, path, signal })
    if (status === 404) return undefined
    if (status !== 200) {
      const { bucket } = this
      const operation = 'HeadObject'
      throw new S3StatusError(status, { operation, bucket, endpoint: endpoint.origin })
    }
    return parseStoredObject(headers)
  }

  // Keys are of letters that mean nothing in a path.
  #pathOf(key: string): string {
    return `/${this.bucket}/${key}`
  }
}

/** Nothing is connected before the first call. */
export function openS3Client(options: S3ClientOptions): S3Client {
  return new S3Client(options)
}

interface Agents {
  readonly httpAgent: HttpAgent
  readonly httpsAgent: HttpsAgent
}

function createAgents(): Agents {
  const sockets = { keepAlive: true, maxSockets: MAX_SOCKETS }
  return { httpAgent: new HttpAgent(sockets), httpsAgent: new HttpsAgent(sockets) }
}

function sdkConfig(
  { region, accessKey, secretKey }: S3ClientOptions,
  endpoint: URL,
  agents: Agents,
) {
  return {
    endpoint: endpoint.href,
    region,
    forcePathStyle: true,
    ...(accessKey !== undefined &&
      secretKey !== undefined && {
        credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
      }),
    // Other stores refuse what newer SDKs send of their own accord.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    // Retries are the policy's, and so is telling of failures.
    maxAttempts: 1,
    logger: SILENT,
    requestHandler: {
      connectionTimeout: CONNECT_DEADLINE_MS,
      // A reader that takes its time leaves its socket silent.
      socketTimeout: 0,
      ...agents,
    },
  } as const satisfies S3ClientConfig
}

function parseStoredObject(headers: IncomingHttpHeaders): StoredObject {
  return {
    sizeBytes: Number(headers['content-length']),
    etag: headers['etag'] ?? '',
    modifiedMs: Date.parse(headers['last-modified'] ?? ''),
  }
}

function ignore(): void {
  // See the policy's telemetry.
}
