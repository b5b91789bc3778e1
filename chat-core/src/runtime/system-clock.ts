import type { Clock } from '../ports/clock.ts'

/** The machine's time of day. */
export function createSystemClock(): Clock {
  return { nowMs: () => Date.now() }
}
