export interface QuotaVerdict {
  readonly allowed: boolean
  readonly remaining: number
  /** 0 when allowed. */
  readonly retryAfterMs: number
}

export interface QuotaRule {
  /** Units per window. */
  readonly limit: number
  readonly windowMs: number
}

/**
 * Sliding windows of what users have used. Lost with the process or service that keeps them.
 * `take` of more than remains takes nothing.
 */
export interface QuotaWindows {
  take(key: string, amount: number, rule: QuotaRule): Promise<QuotaVerdict>
  /** Gives back what was taken for something that was then refused. */
  refund(key: string, amount: number, rule: QuotaRule): Promise<void>
}
