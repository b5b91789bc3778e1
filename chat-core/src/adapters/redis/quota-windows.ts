import type { Clock } from '../../ports/clock.ts'
import type {
  BucketRule,
  QuotaRule,
  QuotaVerdict,
  QuotaWindows,
  WindowRule,
} from '../../ports/quota-windows.ts'
import { LocalQuotaWindows } from '../local-quota-windows.ts'
import { judgeWindow } from '../sliding-window.ts'
import { judgeBucket } from '../token-bucket.ts'
import {
  REFUND_TO_BUCKET,
  REFUND_TO_WINDOW,
  TAKE_FROM_BUCKET,
  TAKE_FROM_WINDOW,
} from './quota-scripts.ts'
import type { RedisClient } from './redis-client.ts'

export interface QuotaWindowsTelemetry {
  /** Redis could not be asked: this process judged by what it alone has given out. */
  quotaJudgedAlone(): void
}

export interface RedisQuotaWindowsOptions {
  readonly client: RedisClient
  readonly clock: Clock
  readonly telemetry: QuotaWindowsTelemetry
}

/**
 * What users have used, in Redis: one step and one trip each. Without Redis nobody is refused for that, but each
 * process still gives out no more than the rule allows.
 */
export function openRedisQuotaWindows(options: RedisQuotaWindowsOptions): QuotaWindows {
  const { client, clock, telemetry } = options
  const local = new LocalQuotaWindows(clock)
  return {
    async take(key, amount, rule) {
      try {
        return await take(client, client.key('quota', key), amount, rule)
      } catch {
        telemetry.quotaJudgedAlone()
        return local.take(key, amount, rule)
      }
    },
    async refund(key, amount, rule) {
      try {
        await refund(client, client.key('quota', key), amount, rule)
      } catch {
        await local.refund(key, amount, rule)
      }
    },
  }
}

function take(
  client: RedisClient,
  key: string,
  amount: number,
  rule: QuotaRule,
): Promise<QuotaVerdict> {
  return 'burst' in rule
    ? takeFromBucket(client, key, amount, rule)
    : takeFromWindow(client, key, amount, rule)
}

async function takeFromWindow(
  client: RedisClient,
  key: string,
  amount: number,
  rule: WindowRule,
): Promise<QuotaVerdict> {
  const parameters = [rule.windowMs, amount, rule.limit]
  const answer = await client.runScript(TAKE_FROM_WINDOW, [key], parameters)
  const [taken = 0, previous = 0, current = 0, nowMs = 0] = parseNumbers(answer)
  return { ...judgeWindow({ previous, current }, amount, rule, nowMs), allowed: taken === 1 }
}

async function takeFromBucket(
  client: RedisClient,
  key: string,
  amount: number,
  rule: BucketRule,
): Promise<QuotaVerdict> {
  const parameters = [rule.burst, rule.perSecond, amount]
  const answer = await client.runScript(TAKE_FROM_BUCKET, [key], parameters)
  const [taken = 0, tokens = 0] = parseNumbers(answer)
  return { ...judgeBucket(tokens, amount, rule), allowed: taken === 1 }
}

async function refund(
  client: RedisClient,
  key: string,
  amount: number,
  rule: QuotaRule,
): Promise<void> {
  if ('burst' in rule)
    await client.runScript(REFUND_TO_BUCKET, [key], [rule.burst, rule.perSecond, amount])
  else await client.runScript(REFUND_TO_WINDOW, [key], [rule.windowMs, amount])
}

function parseNumbers(answer: unknown): readonly number[] {
  const values: readonly unknown[] = Array.isArray(answer) ? answer : []
  return values.map(Number)
}
