import type { Clock } from '../ports/clock.ts'
import type {
  BucketRule,
  QuotaRule,
  QuotaVerdict,
  QuotaWindows,
  WindowClaim,
  WindowRule,
} from '../ports/quota-windows.ts'
import { judgeWindow } from './sliding-window.ts'
import { judgeBucket, refilled } from './token-bucket.ts'

interface Window {
  number: number
  current: number
  previous: number
}

interface Bucket {
  tokens: number
  atMs: number
}

const MAX_KEYS = 100_000

/** What was used, in this process's memory; of as many keys as it can remember. */
export class LocalQuotaWindows implements QuotaWindows {
  readonly #clock: Clock
  readonly #windows = new Map<string, Window>()
  readonly #buckets = new Map<string, Bucket>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async take(key: string, amount: number, rule: QuotaRule): Promise<QuotaVerdict> {
    if ('burst' in rule) {
      const bucket = this.#bucket(key, rule)
      const verdict = judgeBucket(bucket.tokens, amount, rule)
      if (verdict.allowed) bucket.tokens -= amount
      return verdict
    }
    const window = this.#window(key, rule)
    const verdict = judgeWindow(window, amount, rule, this.#clock.nowMs())
    if (verdict.allowed) window.current += amount
    return verdict
  }

  async takeTogether(claims: readonly WindowClaim[]): Promise<readonly QuotaVerdict[]> {
    const nowMs = this.#clock.nowMs()
    const judged = claims.map(({ key, amount, rule }) => {
      const window = this.#window(key, rule)
      return { window, amount, verdict: judgeWindow(window, amount, rule, nowMs) }
    })
    if (judged.every(({ verdict }) => verdict.allowed))
      for (const { window, amount } of judged) window.current += amount
    return judged.map(({ verdict }) => verdict)
  }

  async refund(key: string, amount: number, rule: QuotaRule): Promise<void> {
    if ('burst' in rule) {
      const bucket = this.#bucket(key, rule)
      bucket.tokens = Math.min(rule.burst, bucket.tokens + amount)
      return
    }
    const window = this.#window(key, rule)
    const fromCurrent = Math.min(window.current, amount)
    window.current -= fromCurrent
    window.previous = Math.max(0, window.previous - (amount - fromCurrent))
  }

  #window(key: string, { windowMs }: WindowRule): Window {
    const number = Math.floor(this.#clock.nowMs() / windowMs)
    const window = this.#windows.get(key) ?? { number, current: 0, previous: 0 }
    if (window.number !== number) {
      window.previous = window.number === number - 1 ? window.current : 0
      window.current = 0
      window.number = number
    }
    remember(this.#windows, key, window)
    return window
  }

  #bucket(key: string, rule: BucketRule): Bucket {
    const nowMs = this.#clock.nowMs()
    const bucket = this.#buckets.get(key) ?? { tokens: rule.burst, atMs: nowMs }
    bucket.tokens = refilled(bucket.tokens, nowMs - bucket.atMs, rule)
    bucket.atMs = nowMs
    remember(this.#buckets, key, bucket)
    return bucket
  }
}

/** As the latest used; the longest unused makes room. */
function remember<Value>(remembered: Map<string, Value>, key: string, value: Value): void {
  remembered.delete(key)
  remembered.set(key, value)
  for (const oldest of remembered.keys()) {
    if (remembered.size <= MAX_KEYS) return
    remembered.delete(oldest)
  }
}
