import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { newSessionId, type PresenceState } from '@satchel/protocol'
import { systemClock } from '../../../src/adapters/embedded/clock.ts'
import { openRedisPresence, type RedisPresence } from '../../../src/adapters/redis/presence.ts'
import type { RedisClient } from '../../../src/adapters/redis/redis-client.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import { createMonotonicClock } from '../../../src/runtime/monotonic-clock.ts'
import type { ContractSubject } from '../../contracts/contract-subject.ts'
import { describePresence } from '../../contracts/presence.contract.ts'
import { eventually } from '../../support/eventually.ts'
import { newDeployment } from '../../support/nats-clients.ts'
import { ALICE, BOB, personNamed } from '../../support/people.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { openTestRedisClient } from '../../support/redis-clients.ts'

const servers = await startServersOfFile(['redis'])
if (servers !== undefined) describeRedisPresence(servers)

interface Stage {
  readonly client: RedisClient
  readonly presence: RedisPresence
  readonly clock: Clock
}

async function open(test: TestContext, servers: RealServers, deployment: string): Promise<Stage> {
  const { client } = await openTestRedisClient(test, servers, deployment)
  const presence = openRedisPresence({ client, clock: createMonotonicClock() })
  test.after(() => {
    presence.close()
  })
  // Behind the subscription: nothing is missed from here on.
  await client.run([['PING']])
  return { client, presence, clock: systemClock }
}

function describeRedisPresence(servers: RealServers): void {
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
  describePresence('redis', subject)

  describe('presence in Redis', () => {
    const LONG_MS = 45_000

    it('is told again within seconds after FLUSHALL', async (test) => {
      const { one, other } = await subject.open(test)
      await one.presence.arrive(ALICE, newSessionId(), LONG_MS)
      await one.client.run([['FLUSHALL']])
      await eventually(async () => {
        assert.deepEqual(await other.presence.read([ALICE]), [{ userId: ALICE, online: true }])
      }, 5_000)
    })

    it('is told again when Redis comes back with nothing', async (test) => {
      const { one, other } = await subject.open(test)
      await one.presence.arrive(ALICE, newSessionId(), LONG_MS)
      await redis.kill()
      await eventually(() => assert.equal(one.client.connected, false))
      await assert.rejects(one.presence.read([ALICE]), { code: 'unavailable' })
      await redis.start()
      await eventually(async () => {
        assert.deepEqual(await other.presence.read([ALICE]), [{ userId: ALICE, online: true }])
      })
    })

    it('ends with the process whose sessions they are', async (test) => {
      const { one, other } = await subject.open(test)
      const seen: PresenceState[] = []
      other.presence.watch((state) => seen.push(state))
      await one.presence.arrive(BOB, newSessionId(), 1_000)
      one.presence.close()
      one.client.close()
      await eventually(() =>
        assert.deepEqual(
          seen.map(({ online }) => online),
          [true, false],
        ),
      )
      const [state] = await other.presence.read([BOB])
      assert.deepEqual(state, seen[1])
    })

    it('of thousands in one turn is told in order, each who comes or goes once', async (test) => {
      const { one, other } = await subject.open(test)
      const seen: PresenceState[] = []
      other.presence.watch((state) => seen.push(state))
      const users = Array.from({ length: 3_000 }, (_, n) => personNamed(`u${String(n)}`))
      await Promise.all(
        users.flatMap((userId, n) => {
          const session = newSessionId()
          const arrival = one.presence.arrive(userId, session, LONG_MS)
          return n % 2 === 0 ? [arrival] : [arrival, one.presence.leave(userId, session)]
        }),
      )
      await eventually(() => assert.equal(seen.length, 4_500))
      const states = await other.presence.read(users)
      assert.ok(states.every(({ online }, n) => online === (n % 2 === 0)))
    })

    it('takes nothing from the channel that is none of ours', async (test) => {
      const { one, other } = await subject.open(test)
      const seen: PresenceState[] = []
      other.presence.watch((state) => seen.push(state))
      const channel = one.client.key('presence')
      for (const message of ['', 'nonsense', '[{"userId":""}]', '{}', '[[]]'])
        await one.client.run([['PUBLISH', channel, message]])
      await one.presence.arrive(ALICE, newSessionId(), LONG_MS)
      await eventually(() => assert.deepEqual(seen, [{ userId: ALICE, online: true }]))
    })
  })
}
