/** Time that only goes forward: for deadlines and rates, which a corrected time of day must not touch. */
export interface MonotonicClock {
  /** Milliseconds since some moment. */
  elapsedMs(): number
}

export function createMonotonicClock(): MonotonicClock {
  return { elapsedMs: () => performance.now() }
}
