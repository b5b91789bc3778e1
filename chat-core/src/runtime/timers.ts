import { createMonotonicClock, type MonotonicClock } from './monotonic-clock.ts'

/** Time that only goes forward, and waiting for it to pass. */
export interface Timers extends MonotonicClock {
  /** Calls back once, in `delayMs`; the returned function prevents it. */
  after(delayMs: number, callback: () => void): () => void
}

export function createTimers(): Timers {
  return {
    ...createMonotonicClock(),
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs)
      return () => {
        clearTimeout(timer)
      }
    },
  }
}
