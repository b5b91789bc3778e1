/**
 * Time within which something must move on, again and again. Runs from `restart`; stands while `pause`d, for
 * somebody else to be waited for.
 */
export class ProgressDeadline {
  readonly #idleMs: number
  readonly #expired: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(idleMs: number, expired: () => void) {
    this.#idleMs = idleMs
    this.#expired = expired
  }

  restart(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#expired, this.#idleMs)
  }

  pause(): void {
    clearTimeout(this.#timer)
  }
}
