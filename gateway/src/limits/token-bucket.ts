import { ChatError } from '@satchel/protocol'

export interface BucketRule {
  readonly perSecond: number
  readonly burst: number
}

/** What may be taken at `perSecond`, saved up to `burst`. Two numbers: one per session costs nothing. */
export class TokenBucket {
  #tokens: number
  #atMs: number

  constructor(rule: BucketRule, nowMs: number) {
    this.#tokens = rule.burst
    this.#atMs = nowMs
  }

  /** Whether one could be taken. */
  take(rule: BucketRule, nowMs: number): boolean {
    this.#refill(rule, nowMs)
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** True when nothing was taken lately: forgetting the bucket loses nothing. */
  isFull(rule: BucketRule, nowMs: number): boolean {
    this.#refill(rule, nowMs)
    return this.#tokens >= rule.burst
  }

  /** Why nothing could be taken, with what a client needs to know to go on. */
  refusal(rule: BucketRule, what: string): ChatError {
    const retryAfterMs = Math.max(1, Math.ceil(((1 - this.#tokens) * 1_000) / rule.perSecond))
    return new ChatError(
      'rate_limited',
      `${what}: at most ${String(rule.perSecond)} per second, ${String(rule.burst)} at once`,
      { remaining: 0, limit: rule.burst, retryAfterMs },
    )
  }

  #refill(rule: BucketRule, nowMs: number): void {
    const earned = (Math.max(0, nowMs - this.#atMs) * rule.perSecond) / 1_000
    this.#tokens = Math.min(rule.burst, this.#tokens + earned)
    this.#atMs = nowMs
  }
}
