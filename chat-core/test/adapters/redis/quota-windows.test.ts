import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { systemClock } from '../../../src/adapters/embedded/clock.ts'
import { openRedisQuotaWindows } from '../../../src/adapters/redis/quota-windows.ts'
import type { RedisClient } from '../../../src/adapters/redis/redis-client.ts'
import type { QuotaWindows } from '../../../src/ports/quota-windows.ts'
import type { ContractSubject } from '../../contracts/contract-subject.ts'
import { describeQuotaWindows } from '../../contracts/quota-windows.contract.ts'
import { eventually } from '../../support/eventually.ts'
import { newDeployment } from '../../support/nats-clients.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { openTestRedisClient } from '../../support/redis-clients.ts'

const servers = await startServersOfFile(['redis'])
if (servers !== undefined) describeRedisQuotaWindows(servers)

interface Stage {
  readonly client: RedisClient
  readonly quotas: QuotaWindows
  /** How often Redis could not be asked. */
  readonly alone: () => number
}

async function open(test: TestContext, servers: RealServers, deployment: string): Promise<Stage> {
  const { client } = await openTestRedisClient(test, servers, deployment)
  let count = 0
  const quotas = openRedisQuotaWindows({
    client,
    clock: systemClock,
    telemetry: { quotaJudgedAlone: () => count++ },
  })
  return { client, quotas, alone: () => count }
}

function describeRedisQuotaWindows(servers: RealServers): void {
  const redis = servers.server('redis')
  const subject: ContractSubject<Stage> = {
    async open(test) {
      const deployment = newDeployment()
      return {
        one: await open(test, servers, deployment),
        other: await open(test, servers, deployment),
        advance: (ms) => setTimeout(ms),
      }
    },
  }
  describeQuotaWindows('redis', subject)

  describe('quota windows in Redis', () => {
    const RULE = { limit: 10, windowMs: 3_600_000 }

    it('are taken from at once by many, and never give out more than there is', async (test) => {
      const { one, other } = await subject.open(test)
      const verdicts = await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          (n % 2 === 0 ? one : other).quotas.take('bob', 1, RULE),
        ),
      )
      assert.equal(verdicts.filter(({ allowed }) => allowed).length, RULE.limit)
    })

    it('are judged by each process alone while there is no Redis, and by all again afterwards', async (test) => {
      const { one, other } = await subject.open(test)
      await one.quotas.take('bob', 8, RULE)
      await redis.kill()
      await eventually(() => assert.ok(!one.client.connected && !other.client.connected))
      for (const { quotas } of [one, other]) {
        assert.equal((await quotas.take('bob', 10, RULE)).allowed, true)
        assert.equal((await quotas.take('bob', 1, RULE)).allowed, false)
        await quotas.refund('bob', 1, RULE)
        assert.equal((await quotas.take('bob', 1, RULE)).allowed, true)
        const claims = ['bob', 'alice'].map((key) => ({ key, amount: 1, rule: RULE }))
        const verdicts = await quotas.takeTogether(claims)
        assert.deepEqual(
          verdicts.map(({ allowed }) => allowed),
          [false, true],
        )
      }
      assert.equal(one.alone(), 4)
      await redis.start()
      await eventually(async () => {
        const before = one.alone()
        await one.quotas.take('carol', 0, RULE)
        assert.equal(one.alone(), before)
      })
      await one.quotas.take('bob', 9, RULE)
      await eventually(async () => {
        assert.equal((await other.quotas.take('bob', 2, RULE)).allowed, false)
      })
    })

    it('end by themselves', async (test) => {
      const { one } = await subject.open(test)
      await one.quotas.take('bob', 1, { limit: 10, windowMs: 50 })
      await one.quotas.take('carol', 1, { burst: 1, perSecond: 1_000 })
      const keys = ['bob', 'carol'].map((name) => one.client.key('quota', name))
      await eventually(async () => {
        assert.deepEqual(await one.client.run([['EXISTS', ...keys]]), [0])
      })
    })
  })
}
