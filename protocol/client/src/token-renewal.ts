import { fullJitterMs } from './back-off.ts'
import type { Clock } from './clock.ts'
import type { Unsubscribe } from './emitter.ts'
import { renewalDelayMs } from './token.ts'

export interface TokenRenewalSettings {
  readonly getToken: () => Promise<string> | string
  readonly clock: Clock
  readonly random: () => number
}

/** From asking for a token to the server's answer: neither may hang and so end the renewing. */
const DEADLINE_MS = 15_000
const RETRY = { baseMs: 1_000, capMs: 15_000 }

/**
 * Replaces the token of a living session before it expires. When that fails it tries again; should
 * the session be closed meanwhile, the next one starts with a new token anyway.
 */
export class TokenRenewal {
  readonly #settings: TokenRenewalSettings
  readonly #authenticate: (token: string) => Promise<number>
  #cancel: Unsubscribe = () => undefined
  #runId = 0
  #isRenewing = false

  /** `authenticate` shows a token to the server and resolves with the server's time. */
  constructor(settings: TokenRenewalSettings, authenticate: (token: string) => Promise<number>) {
    this.#settings = settings
    this.#authenticate = authenticate
  }

  /** Plans the renewal of the token that the session has just been given. */
  schedule(token: string, serverTimeMs: number): void {
    this.stop()
    const delayMs = renewalDelayMs(token, serverTimeMs)
    if (delayMs === undefined) return
    this.#cancel = this.#settings.clock.setTimer(delayMs, () => {
      this.renewNow()
    })
  }

  renewNow(): void {
    if (this.#isRenewing) return
    this.stop()
    this.#renew(0)
  }

  stop(): void {
    this.#cancel()
    this.#runId++
    this.#isRenewing = false
  }

  #renew(attempt: number): void {
    const { clock, random } = this.#settings
    const runId = ++this.#runId
    this.#isRenewing = true
    const tryAgain = (): void => {
      if (runId !== this.#runId) return
      this.#cancel()
      // A token that comes after all comes too late.
      this.#runId++
      this.#cancel = clock.setTimer(fullJitterMs(RETRY, attempt, random), () => {
        this.#renew(attempt + 1)
      })
    }
    this.#cancel = clock.setTimer(DEADLINE_MS, tryAgain)
    this.#exchange(runId).catch(tryAgain)
  }

  async #exchange(runId: number): Promise<void> {
    const token = await this.#settings.getToken()
    if (runId !== this.#runId) return
    const serverTimeMs = await this.#authenticate(token)
    if (runId === this.#runId) this.schedule(token, serverTimeMs)
  }
}
