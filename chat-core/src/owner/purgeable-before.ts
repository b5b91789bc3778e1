const HOUR_MS = 3_600_000

/** Only then is there any hurry to let go of records. */
export function isCrowded(fullness: number): boolean {
  return fullness > 0.5
}

/**
 * Records that are done with leave the log when it took them before this time: after the retention, after
 * an hour at most while it is more than half full, and at once before it would have to refuse commands.
 */
export function purgeableBeforeMs(nowMs: number, fullness: number, retentionMs: number): number {
  if (fullness > 0.9) return Number.MAX_SAFE_INTEGER
  return nowMs - (isCrowded(fullness) ? Math.min(HOUR_MS, retentionMs) : retentionMs)
}
