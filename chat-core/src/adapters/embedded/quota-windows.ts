import type { Clock } from '../../ports/clock.ts'
import type { QuotaRule, QuotaVerdict, QuotaWindows } from '../../ports/quota-windows.ts'

export interface EmbeddedQuotaWindowsOptions {
  readonly clock: Clock
}

/** What was used in the window of fixed length that is running, and in the one before it. */
interface Usage {
  window: number
  current: number
  previous: number
  windowMs: number
}

const MAX_KEYS = 100_000

/**
 * Sliding windows as Cloudflare counts them: the last window's use fades evenly while the running one
 * grows. Exact at the window's edges, two numbers per key in between.
 */
export function openEmbeddedQuotaWindows({ clock }: EmbeddedQuotaWindowsOptions): QuotaWindows {
  const usages = new Map<string, Usage>()

  function usageOf(key: string, rule: QuotaRule): Usage {
    const window = Math.floor(clock.nowMs() / rule.windowMs)
    const usage = usages.get(key) ?? { window, current: 0, previous: 0, windowMs: rule.windowMs }
    if (usage.window !== window) {
      usage.previous = usage.window === window - 1 ? usage.current : 0
      usage.current = 0
      usage.window = window
    }
    usages.delete(key)
    usages.set(key, usage)
    if (usages.size > MAX_KEYS) forgetOldest()
    return usage
  }

  function forgetOldest(): void {
    for (const oldest of usages.keys()) {
      if (usages.size <= MAX_KEYS) return
      usages.delete(oldest)
    }
  }

  return {
    async take(key, amount, rule) {
      const usage = usageOf(key, rule)
      const verdict = judge(usage, amount, rule, clock.nowMs())
      if (verdict.allowed) usage.current += amount
      return verdict
    },
    async refund(key, amount, rule) {
      const usage = usageOf(key, rule)
      const fromCurrent = Math.min(usage.current, amount)
      usage.current -= fromCurrent
      usage.previous = Math.max(0, usage.previous - (amount - fromCurrent))
    },
  }
}

function judge(usage: Usage, amount: number, rule: QuotaRule, nowMs: number): QuotaVerdict {
  const { limit, windowMs } = rule
  const elapsed = (nowMs % windowMs) / windowMs
  const used = usage.previous * (1 - elapsed) + usage.current
  const left = Math.max(0, Math.floor(limit - used))
  if (used + amount <= limit)
    return { allowed: true, remaining: Math.floor(limit - used - amount), retryAfterMs: 0 }
  return { allowed: false, remaining: left, retryAfterMs: waitMs(usage, amount, rule, elapsed) }
}

/** When enough of what was used has faded. */
function waitMs(usage: Usage, amount: number, rule: QuotaRule, elapsed: number): number {
  const { limit, windowMs } = rule
  const room = limit - amount
  if (room < 0) return windowMs
  if (usage.current <= room) {
    const fraction = 1 - (room - usage.current) / usage.previous
    return Math.max(1, Math.ceil((fraction - elapsed) * windowMs))
  }
  const fraction = 1 - room / usage.current
  return Math.max(1, Math.ceil((1 - elapsed + fraction) * windowMs))
}
