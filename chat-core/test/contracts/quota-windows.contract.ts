import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Backend } from '../../src/backends/backend.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'quotas'>

const RULE = { limit: 10, windowMs: 1_000 }
/** So long that a test does not outlast it. */
const LONG_RULE = { limit: 10, windowMs: 3_600_000 }
const BUCKET = { burst: 10, perSecond: 5 }
/** Of which nothing comes back in a test. */
const SLOW_BUCKET = { burst: 10, perSecond: 0.001 }

export function describeQuotaWindows(name: string, subject: ContractSubject<Ports>): void {
  describe(`quota windows, ${name}`, { concurrency: true }, () => {
    it('gives out as much as the rule says, says what is left, and then refuses', async (test) => {
      const { one, other } = await subject.open(test)
      assert.deepEqual(await one.quotas.take('bob', 4, LONG_RULE), granted(6))
      assert.deepEqual(await other.quotas.take('bob', 6, LONG_RULE), granted(0))
      const refused = await one.quotas.take('bob', 1, LONG_RULE)
      assert.equal(refused.allowed, false)
      assert.equal(refused.remaining, 0)
      assert.ok(refused.retryAfterMs > 0 && refused.retryAfterMs <= 2 * LONG_RULE.windowMs)
      assert.deepEqual(await one.quotas.take('alice', 1, LONG_RULE), granted(9))
    })

    it('takes nothing when more is asked than remains', async (test) => {
      const { one } = await subject.open(test)
      await one.quotas.take('bob', 4, LONG_RULE)
      const refused = await one.quotas.take('bob', 7, LONG_RULE)
      assert.deepEqual([refused.allowed, refused.remaining], [false, 6])
      assert.deepEqual(await one.quotas.take('bob', 6, LONG_RULE), granted(0))
    })

    it('grants what it refused after the time it said', async (test) => {
      const { one, advance } = await subject.open(test)
      await one.quotas.take('bob', 10, RULE)
      await advance(300)
      for (const amount of [1, 5, 10]) {
        let verdict = await one.quotas.take('bob', amount, RULE)
        // Where time passes by itself, there may be room again.
        while (verdict.allowed) verdict = await one.quotas.take('bob', amount, RULE)
        await advance(verdict.retryAfterMs)
        assert.equal((await one.quotas.take('bob', amount, RULE)).allowed, true)
      }
    })

    it('never grants more than twice the limit in any window, and all of it after two idle ones', async (test) => {
      const { one, advance } = await subject.open(test)
      let taken = 0
      for (let step = 0; step < 20; step++) {
        if ((await one.quotas.take('bob', 1, RULE)).allowed) taken++
        await advance(RULE.windowMs / 20)
      }
      assert.ok(taken <= 2 * RULE.limit && taken >= RULE.limit - 1, `took ${taken}`)
      await advance(2 * RULE.windowMs)
      assert.deepEqual(await one.quotas.take('bob', 10, RULE), granted(0))
    })

    it('takes back what was taken for nothing', async (test) => {
      const { one, other } = await subject.open(test)
      await one.quotas.take('bob', 10, LONG_RULE)
      await other.quotas.refund('bob', 3, LONG_RULE)
      assert.deepEqual(await one.quotas.take('bob', 3, LONG_RULE), granted(0))
      await one.quotas.refund('bob', 100, LONG_RULE)
      assert.deepEqual(await one.quotas.take('bob', 1, LONG_RULE), granted(9))
    })

    it('refuses for good what is more than the limit', async (test) => {
      const { one } = await subject.open(test)
      const refused = await one.quotas.take('bob', 11, LONG_RULE)
      assert.equal(refused.allowed, false)
      assert.ok(refused.retryAfterMs > 0)
      assert.deepEqual(await one.quotas.take('bob', 10, LONG_RULE), granted(0))
    })

    it('takes from several windows, or from none when one has too little', async (test) => {
      const { one, other } = await subject.open(test)
      const claim = (key: string, amount: number) => ({ key, amount, rule: LONG_RULE })
      const both = await one.quotas.takeTogether([claim('files', 1), claim('bytes', 8)])
      assert.deepEqual(both, [granted(9), granted(2)])
      const [files, bytes] = await other.quotas.takeTogether([claim('files', 1), claim('bytes', 3)])
      assert.deepEqual(files, granted(8))
      assert.deepEqual([bytes?.allowed, bytes?.remaining], [false, 2])
      assert.ok(bytes!.retryAfterMs > 0)
      assert.deepEqual(await one.quotas.take('files', 9, LONG_RULE), granted(0))
      assert.deepEqual(await one.quotas.take('bytes', 2, LONG_RULE), granted(0))
    })

    it('gives out of a bucket what it holds, says what is left, and then refuses', async (test) => {
      const { one, other } = await subject.open(test)
      assert.deepEqual(await one.quotas.take('bob', 4, SLOW_BUCKET), granted(6))
      const tooMuch = await other.quotas.take('bob', 7, SLOW_BUCKET)
      assert.deepEqual([tooMuch.allowed, tooMuch.remaining], [false, 6])
      assert.deepEqual(await other.quotas.take('bob', 6, SLOW_BUCKET), granted(0))
      const refused = await one.quotas.take('bob', 1, SLOW_BUCKET)
      assert.deepEqual([refused.allowed, refused.remaining], [false, 0])
      assert.ok(refused.retryAfterMs > 900_000 && refused.retryAfterMs <= 1_000_000)
      assert.deepEqual(await one.quotas.take('alice', 1, SLOW_BUCKET), granted(9))
    })

    it('fills a bucket again, up to what it holds', async (test) => {
      const { one, other, advance } = await subject.open(test)
      await one.quotas.take('bob', 10, BUCKET)
      let refused = await other.quotas.take('bob', 2, BUCKET)
      // Where time passes by itself, there may be something in it again.
      while (refused.allowed) refused = await other.quotas.take('bob', 2, BUCKET)
      assert.ok(refused.retryAfterMs > 0 && refused.retryAfterMs <= 400)
      await advance(refused.retryAfterMs)
      assert.equal((await one.quotas.take('bob', 2, BUCKET)).allowed, true)
      await advance(3_000)
      assert.deepEqual(await one.quotas.take('bob', 10, BUCKET), granted(0))
    })

    it('puts back into a bucket, up to what it holds, and never grants more than that', async (test) => {
      const { one, other } = await subject.open(test)
      await one.quotas.take('bob', 10, SLOW_BUCKET)
      await other.quotas.refund('bob', 3, SLOW_BUCKET)
      assert.deepEqual(await one.quotas.take('bob', 3, SLOW_BUCKET), granted(0))
      await one.quotas.refund('bob', 100, SLOW_BUCKET)
      const refused = await one.quotas.take('bob', 11, SLOW_BUCKET)
      assert.deepEqual([refused.allowed, refused.remaining], [false, 10])
      assert.ok(refused.retryAfterMs > 0)
    })
  })
}

function granted(remaining: number) {
  return { allowed: true, remaining, retryAfterMs: 0 }
}
