import type { MonotonicClock } from './monotonic-clock.ts'

interface Told {
  readonly sinceMs: number
  readonly unsaid: number
}

const PERIOD_MS = 60_000

/** Lets what goes on be said when it begins, and then once a minute. */
export class Repeats {
  readonly #clock: MonotonicClock
  readonly #told = new Map<string, Told>()

  constructor(clock: MonotonicClock) {
    this.#clock = clock
  }

  /**
   * Whether to say it now: how often it was not said since the last time, or `undefined` to be silent. `what`
   * is one of few; what has not come up for a minute begins anew.
   */
  take(what: string): number | undefined {
    const nowMs = this.#clock.elapsedMs()
    const told = this.#told.get(what)
    if (told !== undefined && nowMs - told.sinceMs < PERIOD_MS) {
      this.#told.set(what, { ...told, unsaid: told.unsaid + 1 })
      return undefined
    }
    this.#told.set(what, { sinceMs: nowMs, unsaid: 0 })
    return told?.unsaid ?? 0
  }

  /** It is over: said again as soon as it comes back. */
  end(what: string): void {
    this.#told.delete(what)
  }
}
