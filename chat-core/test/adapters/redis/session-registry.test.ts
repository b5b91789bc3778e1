import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { newSessionId, parseDeviceId, type UserId } from '@satchel/protocol'
import type { RedisClient } from '../../../src/adapters/redis/redis-client.ts'
import {
  openRedisSessionRegistry,
  type RedisSessionRegistry,
} from '../../../src/adapters/redis/session-registry.ts'
import type { SessionEntry } from '../../../src/ports/session-registry.ts'
import { createMonotonicClock } from '../../../src/runtime/monotonic-clock.ts'
import type { InterruptibleSubject } from '../../contracts/contract-subject.ts'
import {
  describeSessionRegistry,
  describeSessionRegistryLosses,
} from '../../contracts/session-registry.contract.ts'
import { eventually } from '../../support/eventually.ts'
import { newDeployment } from '../../support/nats-clients.ts'
import { ALICE, BOB, personNamed } from '../../support/people.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { openTestRedisClient } from '../../support/redis-clients.ts'

const servers = await startServersOfFile(['redis'])
if (servers !== undefined) describeRedisSessionRegistry(servers)

interface Stage {
  readonly client: RedisClient
  readonly sessions: RedisSessionRegistry
  readonly restored: number[]
}

async function open(
  test: TestContext,
  servers: RealServers,
  deployment = newDeployment(),
): Promise<Stage> {
  const { client } = await openTestRedisClient(test, servers, deployment)
  const restored: number[] = []
  const sessions = openRedisSessionRegistry({
    client,
    clock: createMonotonicClock(),
    telemetry: { sessionsRestored: (count) => restored.push(count) },
  })
  test.after(() => sessions.close())
  return { client, sessions, restored }
}

function session(userId: UserId, gatewayId: string): SessionEntry {
  const deviceId = parseDeviceId('phone')
  assert.ok(deviceId !== undefined)
  return { sessionId: newSessionId(), userId, deviceId, gatewayId }
}

function describeRedisSessionRegistry(servers: RealServers): void {
  const redis = servers.server('redis')
  const subject: InterruptibleSubject<Stage> = {
    async open(test) {
      const deployment = newDeployment()
      const [one, other] = [
        await open(test, servers, deployment),
        await open(test, servers, deployment),
      ]
      return {
        one,
        other,
        advance: () => Promise.resolve(),
        interrupt: async (meanwhile) => {
          await redis.kill()
          await eventually(() => assert.ok(!one.client.connected && !other.client.connected))
          await meanwhile?.()
          await redis.start()
        },
      }
    },
  }
  describeSessionRegistry('redis', subject)
  describeSessionRegistryLosses('redis', subject)

  describe('sessions in Redis', () => {
    it('come back within seconds after FLUSHALL, ten thousand of them', async (test) => {
      const { one, other } = await subject.open(test)
      const users = Array.from({ length: 10_000 }, (_, n) => personNamed(`u${String(n)}`))
      await Promise.all(users.map((userId) => one.sessions.register(session(userId, 'g1'))))
      assert.deepEqual(await usersAt(other, 'g1', users), users)
      await one.client.run([['FLUSHALL']])
      await eventually(() => assert.deepEqual(one.restored, [10_000]), 5_000)
      await eventually(
        async () => assert.deepEqual(await usersAt(other, 'g1', users), users),
        5_000,
      )
    })

    it('end with the process that has them, and are then taken out', async (test) => {
      const { one, other } = await subject.open(test)
      await one.sessions.register(session(ALICE, 'g1'))
      assert.deepEqual(await usersAt(other, 'g1', [ALICE]), [ALICE])
      one.client.close()
      await eventually(async () => {
        assert.equal((await other.sessions.locate([ALICE])).usersAt.size, 0)
      }, 12_000)
      await eventually(async () => {
        assert.deepEqual(
          await other.client.run([['EXISTS', other.client.key('sessions', ALICE)]]),
          [0],
        )
      })
    })

    it('end at once with a process that closes', async (test) => {
      const { one, other } = await subject.open(test)
      await one.sessions.register(session(ALICE, 'g1'))
      await one.sessions.close()
      assert.equal((await other.sessions.locate([ALICE])).usersAt.size, 0)
    })

    it('of an earlier boot of a gateway are not those of the one that took its id', async (test) => {
      const { one, other } = await subject.open(test)
      const third = await open(test, servers, one.client.deployment)
      await one.sessions.register(session(ALICE, 'g1'))
      assert.deepEqual(await usersAt(third, 'g1', [ALICE]), [ALICE])
      one.client.close()
      await other.sessions.register(session(BOB, 'g1'))
      await eventually(async () => {
        assert.deepEqual(await usersAt(third, 'g1', [ALICE, BOB]), [BOB])
      }, 3_000)
    })

    it('are still known while Redis does not answer, and every call ends', async (test) => {
      const { one, other } = await subject.open(test)
      await one.sessions.register(session(ALICE, 'g1'))
      assert.deepEqual(await usersAt(other, 'g1', [ALICE]), [ALICE])
      test.after(() => redis.resume())
      await redis.pause()
      const timer = setTimeout(() => {
        redis.resume()
      }, 5_000)
      await eventually(() => assert.ok(!other.client.connected), 4_000)
      assert.deepEqual(await usersAt(other, 'g1', [ALICE]), [ALICE])
      assert.equal((await other.sessions.locate([ALICE, BOB])).isComplete, false)
      await one.sessions.register(session(BOB, 'g1'))
      await eventually(async () => {
        assert.deepEqual(await usersAt(other, 'g1', [ALICE, BOB]), [ALICE, BOB])
      }, 20_000)
      assert.equal((await other.sessions.locate([ALICE, BOB])).isComplete, true)
      clearTimeout(timer)
    })
  })
}

async function usersAt(
  { sessions }: Pick<Stage, 'sessions'>,
  gatewayId: string,
  userIds: readonly UserId[],
): Promise<readonly UserId[]> {
  return (await sessions.locate(userIds)).usersAt.get(gatewayId) ?? []
}
