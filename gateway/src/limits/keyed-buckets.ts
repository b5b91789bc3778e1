import { TokenBucket, type BucketRule } from './token-bucket.ts'

/** A token bucket per address or user. Forgets full ones, and holds at most `maxKeys`. */
export class KeyedBuckets {
  readonly #rule: BucketRule
  readonly #maxKeys: number
  // In the order of last use: the longest unused comes first.
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(rule: BucketRule, maxKeys: number) {
    this.#rule = rule
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#buckets.size
  }

  /** Takes one of `key`'s tokens, or throws `rate_limited` saying when there is one. */
  take(key: string, nowMs: number, what: string): void {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#rule, nowMs)
    this.#buckets.delete(key)
    this.#makeRoom(nowMs)
    this.#buckets.set(key, bucket)
    if (!bucket.take(this.#rule, nowMs)) throw bucket.refusal(this.#rule, what)
  }

  #makeRoom(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (this.#buckets.size < this.#maxKeys && !bucket.isFull(this.#rule, nowMs)) return
      this.#buckets.delete(key)
    }
  }
}
