/**
 * A socket that is offered more events and signals than this in each second is busy: more than anybody reads one by
 * one.
 */
const CALM_OFFERS_PER_SECOND = 30
const OFFER_MS = 1_000 / CALM_OFFERS_PER_SECOND
/** For so long it may be offered more. */
const BURST_MS = 1_000
/** For so long it is busy still when they stop. */
const CALMING_MS = 200

/**
 * Until when, in milliseconds, what a socket was offered counts, after `offers` more at `nowMs`; -Infinity at first. It is
 * busy while that lies in the future. This is the generic cell rate algorithm (ITU-T I.371): one number for a rate.
 */
export function countedUntil(untilMs: number, offers: number, nowMs: number): number {
  const fromMs = Math.max(untilMs, nowMs - BURST_MS)
  return Math.min(fromMs + offers * OFFER_MS, nowMs + CALMING_MS)
}
