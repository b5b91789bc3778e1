import { setTimeout as pause } from 'node:timers/promises'

/** How long to wait before trying again. */
export interface BackOff {
  readonly baseMs: number
  readonly capMs: number
}

/**
 * Between half and all of `baseMs`, doubled with each attempt (0, 1, 2 …), at most `capMs`: what failed at the
 * same moment is not tried again at the same moment, and nothing at once.
 */
export function backOffMs({ baseMs, capMs }: BackOff, attempt: number): number {
  const fullMs = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30))
  return fullMs / 2 + (Math.random() * fullMs) / 2
}

/** Waits that long; keeps no process alive. */
export async function waitOut(backOff: BackOff, attempt: number): Promise<void> {
  await pause(backOffMs(backOff, attempt), undefined, { ref: false })
}
