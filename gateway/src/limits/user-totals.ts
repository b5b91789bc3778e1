import { ChatError, type UserId } from '@satchel/protocol'
import type { QuotaRule, QuotaVerdict, QuotaWindows } from '@satchel/chat-core/ports'
import type { MonotonicClock } from '@satchel/chat-core/runtime'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import type { BucketRule } from './token-bucket.ts'

export interface UserTotalsDeps {
  readonly quotas: Pick<QuotaWindows, 'take'>
  readonly time: MonotonicClock
  readonly telemetry: Pick<GatewayTelemetry, 'totalsUnknown'>
}

const WINDOW_MS = 10_000
/** What a user has done here is told the others in lots of at least so many: of most nobody need be told. */
const TOLD_FROM = 10

/**
 * What a user may do at all gateways together. Each counts by itself and, once a second, takes what it counted
 * from a window that all share; who has used that up is refused until there is room. Nothing waits for it, and
 * while the window is out of reach nobody is refused.
 */
export class UserTotals {
  readonly #deps: UserTotalsDeps
  readonly #rule: BucketRule
  readonly #what: string
  readonly #counts = new Map<UserId, number>()
  readonly #refusedUntilMs = new Map<UserId, number>()
  readonly #asking = new Set<UserId>()
  #clearedMs = 0

  /** `what` names the window, and says in refusals what there was too much of. */
  constructor(deps: UserTotalsDeps, what: string, rule: BucketRule) {
    this.#deps = deps
    this.#what = what
    this.#rule = rule
  }

  /** Counts one, or says why there is none for now. */
  take(userId: UserId): ChatError | undefined {
    const untilMs = this.#refusedUntilMs.get(userId)
    if (untilMs !== undefined) {
      const leftMs = untilMs - this.#deps.time.elapsedMs()
      if (leftMs > 0) return this.#refusal(leftMs)
      this.#refusedUntilMs.delete(userId)
    }
    this.#counts.set(userId, (this.#counts.get(userId) ?? 0) + 1)
    return undefined
  }

  /** Called each second. */
  reconcile(): void {
    const nowMs = this.#deps.time.elapsedMs()
    for (const [userId, count] of this.#counts) {
      if (count < TOLD_FROM || this.#asking.has(userId)) continue
      this.#counts.delete(userId)
      this.#tell(userId, count).catch((error: unknown) => this.#deps.telemetry.totalsUnknown(error))
    }
    for (const [userId, untilMs] of this.#refusedUntilMs)
      if (untilMs <= nowMs) this.#refusedUntilMs.delete(userId)
    if (nowMs - this.#clearedMs < WINDOW_MS) return
    // So little in so long is nothing.
    this.#clearedMs = nowMs
    this.#counts.clear()
  }

  async #tell(userId: UserId, count: number): Promise<void> {
    const { quotas, time } = this.#deps
    this.#asking.add(userId)
    try {
      const verdict = await quotas.take(`${this.#what}:${userId}`, count, this.#window())
      if (!verdict.allowed)
        this.#refusedUntilMs.set(userId, time.elapsedMs() + this.#pauseMs(verdict))
    } finally {
      this.#asking.delete(userId)
    }
  }

  /** Until as much has faded from the window as may be done in a second. */
  #pauseMs({ retryAfterMs }: QuotaVerdict): number {
    return Math.min(Math.max(retryAfterMs, 1_000), WINDOW_MS)
  }

  #window(): QuotaRule {
    const { perSecond, burst } = this.#rule
    return { limit: (perSecond * WINDOW_MS) / 1_000 + burst, windowMs: WINDOW_MS }
  }

  #refusal(retryAfterMs: number): ChatError {
    const { perSecond, burst } = this.#rule
    return new ChatError(
      'rate_limited',
      `${this.#what} of one user: at most ${String(perSecond)} per second in all sessions together`,
      { remaining: 0, limit: burst, retryAfterMs: Math.ceil(retryAfterMs) },
    )
  }
}
