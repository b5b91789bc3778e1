export interface QuotaVerdict {
  readonly allowed: boolean
  readonly remaining: number
  /** 0 when allowed. */
  readonly retryAfterMs: number
}

/** A sliding window: so many units within any such time, give or take what the last one leaves behind. */
export interface WindowRule {
  readonly limit: number
  readonly windowMs: number
}

/** A token bucket: units come back at `perSecond` and are saved up to `burst`. */
export interface BucketRule {
  readonly burst: number
  readonly perSecond: number
}

export type QuotaRule = WindowRule | BucketRule

/** So much of what one key may use. */
export interface WindowClaim {
  readonly key: string
  readonly amount: number
  readonly rule: WindowRule
}

/**
 * What users have used. Lost with the process or service that keeps it; while the service cannot be asked, each
 * process judges by what it alone has given out. A key is used with one rule.
 *
 * - `take` of more than remains takes nothing.
 * - `takeTogether` takes all that is claimed, of keys that differ, or nothing when one claim is of more than
 *   remains. Each verdict is about its claim alone, in their order.
 */
export interface QuotaWindows {
  take(key: string, amount: number, rule: QuotaRule): Promise<QuotaVerdict>
  takeTogether(claims: readonly WindowClaim[]): Promise<readonly QuotaVerdict[]>
  /** Gives back what was taken for something that was then refused. */
  refund(key: string, amount: number, rule: QuotaRule): Promise<void>
}
