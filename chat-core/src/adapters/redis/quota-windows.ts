import { ChatError } from '@satchel/protocol'
import type { Clock } from '../../ports/clock.ts'
import type {
  BucketRule,
  QuotaRule,
  QuotaVerdict,
  QuotaWindows,
  WindowClaim,
} from '../../ports/quota-windows.ts'
import { LocalQuotaWindows } from '../local-quota-windows.ts'
import { judgeWindow } from '../sliding-window.ts'
import { judgeBucket } from '../token-bucket.ts'
import {
  REFUND_TO_BUCKET,
  REFUND_TO_WINDOW,
  TAKE_FROM_BUCKET,
  TAKE_FROM_WINDOWS,
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
        return await take(client, key, amount, rule)
      } catch {
        telemetry.quotaJudgedAlone()
        return local.take(key, amount, rule)
      }
    },
    async takeTogether(claims) {
      try {
        return await takeFromWindows(client, claims)
      } catch {
        telemetry.quotaJudgedAlone()
        return local.takeTogether(claims)
      }
    },
    async refund(key, amount, rule) {
      try {
        await refund(client, keyOf(client, key), amount, rule)
      } catch {
        await local.refund(key, amount, rule)
      }
    },
  }
}

async function take(
  client: RedisClient,
  key: string,
  amount: number,
  rule: QuotaRule,
): Promise<QuotaVerdict> {
  if ('burst' in rule) return takeFromBucket(client, keyOf(client, key), amount, rule)
  const [verdict] = await takeFromWindows(client, [{ key, amount, rule }])
  if (verdict === undefined) throw new ChatError('internal', 'redis gave no verdict')
  return verdict
}

async function takeFromWindows(
  client: RedisClient,
  claims: readonly WindowClaim[],
): Promise<readonly QuotaVerdict[]> {
  const answer = await client.runScript(
    TAKE_FROM_WINDOWS,
    claims.map(({ key }) => keyOf(client, key)),
    claims.flatMap(({ amount, rule }) => [rule.windowMs, amount, rule.limit]),
  )
  const [nowMs = 0, ...numbers] = parseNumbers(answer)
  return claims.map(({ amount, rule }, index) => {
    const [enough = 0, previous = 0, current = 0] = numbers.slice(3 * index)
    return { ...judgeWindow({ previous, current }, amount, rule, nowMs), allowed: enough === 1 }
  })
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

function keyOf(client: RedisClient, key: string): string {
  return client.key('quota', key)
}

function parseNumbers(answer: unknown): readonly number[] {
  const values: readonly unknown[] = Array.isArray(answer) ? answer : []
  return values.map(Number)
}
