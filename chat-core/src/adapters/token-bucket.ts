import type { BucketRule, QuotaVerdict } from '../ports/quota-windows.ts'

/** `tokens`: what is in the bucket now. */
export function judgeBucket(tokens: number, amount: number, rule: BucketRule): QuotaVerdict {
  if (amount <= tokens)
    return { allowed: true, remaining: Math.floor(tokens - amount), retryAfterMs: 0 }
  // What is more than a bucket holds is never granted: it may as well be asked for once a full one has gone.
  const missing = amount > rule.burst ? rule.burst : amount - tokens
  const retryAfterMs = Math.max(1, Math.ceil((missing * 1_000) / rule.perSecond))
  return { allowed: false, remaining: Math.floor(tokens), retryAfterMs }
}

export function refilled(tokens: number, elapsedMs: number, rule: BucketRule): number {
  return Math.min(rule.burst, tokens + (Math.max(0, elapsedMs) * rule.perSecond) / 1_000)
}
