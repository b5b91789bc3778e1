const MAX_TOKENS = 20
const EARNED_PER_SUCCESS = 0.1

/**
 * Lets one call in ten be repeated, and a few at once: when many fail, repeating them all would keep an
 * overloaded server overloaded.
 */
export class RetryBudget {
  #tokens = MAX_TOKENS

  /** Whether one more may be repeated now. */
  take(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  earn(): void {
    this.#tokens = Math.min(MAX_TOKENS, this.#tokens + EARNED_PER_SUCCESS)
  }
}
