import { ChatError, chooseForm, type WireForm } from '@satchel/protocol'
import { isLoopback, networkOf } from './client-address.ts'
import { KeyedBuckets } from './keyed-buckets.ts'

export interface AdmissionSettings {
  readonly origins: readonly string[]
  readonly maxUnauthenticated: number
  readonly connectsPerAddress: number
}

export interface UpgradeAttempt {
  readonly address: string
  readonly origin: string
  readonly host: string
  /** As offered in `Sec-WebSocket-Protocol`. */
  readonly protocols: string
  /** Sockets that wait for their first frame. */
  readonly unauthenticated: number
  readonly nowMs: number
}

const ADDRESSES_REMEMBERED = 100_000

/** Who may open a socket, decided at once: nothing here waits or looks anything up. */
export class Admission {
  readonly #settings: AdmissionSettings
  readonly #connects: KeyedBuckets

  constructor(settings: AdmissionSettings) {
    this.#settings = settings
    const perSecond = settings.connectsPerAddress
    this.#connects = new KeyedBuckets({ perSecond, burst: perSecond * 10 }, ADDRESSES_REMEMBERED)
  }

  /** The form to speak, or a `ChatError`. */
  admit(attempt: UpgradeAttempt): WireForm {
    const form = chooseForm(attempt.protocols.split(',').map((protocol) => protocol.trim()))
    if (form === undefined)
      throw new ChatError('bad_request', 'offer the sub-protocol satchel.v1 or satchel.v1.json')
    if (!isOriginAllowed(this.#settings.origins, attempt.origin, attempt.host))
      throw new ChatError('forbidden', `pages of ${attempt.origin} may not connect`)
    const limit = this.#settings.maxUnauthenticated
    if (attempt.unauthenticated >= limit) {
      throw new ChatError('too_many_sessions', 'too many sockets wait for their first frame', {
        limit,
        remaining: 0,
        retryAfterMs: 5_000,
      })
    }
    if (!isLoopback(attempt.address)) this.#takeConnect(attempt)
    return form
  }

  #takeConnect(attempt: UpgradeAttempt): void {
    try {
      this.#connects.take(networkOf(attempt.address), attempt.nowMs, 'sockets from one address')
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      throw new ChatError('too_many_sessions', error.message, error.details)
    }
  }
}

/** Programs send no origin. A page may connect to the host it came from, or where it is listed. */
export function isOriginAllowed(allowed: readonly string[], origin: string, host: string): boolean {
  if (origin === '' || allowed.includes('*') || allowed.includes(origin)) return true
  return allowed.length === 0 && URL.canParse(origin) && new URL(origin).host === host
}
