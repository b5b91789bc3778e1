/** How long to wait before trying again, and with what chance. */
export interface BackOff {
  readonly baseMs: number
  readonly capMs: number
}

/**
 * Full jitter: anything from nothing to `baseMs` doubled with each attempt (0, 1, 2 …), at most `capMs`.
 * Spreads clients that lost the same server over the whole time (AWS Architecture Blog, “Exponential
 * Backoff And Jitter”).
 */
export function fullJitterMs(backOff: BackOff, attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(backOff.capMs, backOff.baseMs * 2 ** Math.min(attempt, 30)))
}
