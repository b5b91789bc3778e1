import type { QuotaVerdict, WindowRule } from '../ports/quota-windows.ts'

/** What was used in the window of fixed length that is running, and in the one before it. */
export interface WindowUse {
  readonly previous: number
  readonly current: number
}

/**
 * A sliding window as Cloudflare counts it: the last window's use fades evenly while the running one grows. Exact at
 * the window's edges, two numbers per key in between.
 */
export function judgeWindow(
  use: WindowUse,
  amount: number,
  rule: WindowRule,
  nowMs: number,
): QuotaVerdict {
  const { limit, windowMs } = rule
  const elapsed = (nowMs % windowMs) / windowMs
  const used = use.previous * (1 - elapsed) + use.current
  if (used + amount <= limit)
    return { allowed: true, remaining: Math.floor(limit - used - amount), retryAfterMs: 0 }
  const remaining = Math.max(0, Math.floor(limit - used))
  return { allowed: false, remaining, retryAfterMs: waitMs(use, amount, rule, elapsed) }
}

/** When enough of what was used has faded. */
function waitMs(
  { previous, current }: WindowUse,
  amount: number,
  { limit, windowMs }: WindowRule,
  elapsed: number,
): number {
  const room = limit - amount
  if (room < 0) return windowMs
  if (current <= room) {
    const fraction = 1 - (room - current) / previous
    return Math.max(1, Math.ceil((fraction - elapsed) * windowMs))
  }
  const fraction = 1 - room / current
  return Math.max(1, Math.ceil((1 - elapsed + fraction) * windowMs))
}
