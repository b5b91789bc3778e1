import { ERROR_CODES } from '@satchel/protocol'
import type { ChatError } from '@satchel/protocol'
import { fullJitterMs } from './back-off.ts'
import type { Clock } from './clock.ts'
import type { Unsubscribe } from './emitter.ts'

const DEFAULT_DELAY_MS = 500
const JITTER = { baseMs: 250, capMs: 15_000 }

/** Waits out a refusal that may pass: as long as it says, and with each one in a row a little longer. */
export class RetryHold {
  readonly #clock: Clock
  readonly #random: () => number
  #refusals = 0
  #cancel: Unsubscribe | undefined

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  get isHeld(): boolean {
    return this.#cancel !== undefined
  }

  /** Calls `go` when it is time to try again, unless it is released before. */
  hold(error: ChatError, go: () => void): void {
    this.release()
    const delayMs = retryDelayMs(error) + fullJitterMs(JITTER, this.#refusals++, this.#random)
    this.#cancel = this.#clock.setTimer(delayMs, () => {
      this.release()
      go()
    })
  }

  release(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Something went well: the next wait is a short one again. */
  calm(): void {
    this.#refusals = 0
  }
}

/** How long an error asks to wait. */
export function retryDelayMs(error: ChatError): number {
  const entry = ERROR_CODES[error.code]
  const defaultMs = 'defaultDelayMs' in entry ? entry.defaultDelayMs : DEFAULT_DELAY_MS
  return error.details.retryAfterMs ?? defaultMs
}
