import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openRedisClient } from '../../../src/adapters/redis/redis-client.ts'
import { redisScript } from '../../../src/adapters/redis/redis-script.ts'
import { createMonotonicClock } from '../../../src/runtime/monotonic-clock.ts'
import { eventually } from '../../support/eventually.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { RecordedServerTelemetry } from '../../support/recorded-server-telemetry.ts'
import { openTestRedisClient } from '../../support/redis-clients.ts'

const servers = await startServersOfFile(['redis'])
if (servers !== undefined) describeRedisClient(servers)

const unavailable = { code: 'unavailable' }

function describeRedisClient(servers: RealServers): void {
  const redis = servers.server('redis')

  describe('the connection to Redis', () => {
    it('answers many commands in order, and fails when one of them does', async (test) => {
      const { client } = await openTestRedisClient(test, servers)
      const key = client.key('text')
      const answers = await client.run([
        ['SET', key, 'a b'],
        ['GET', key],
        ['DEL', key, 'none'],
      ])
      assert.deepEqual(answers, ['OK', 'a b', 1])
      await assert.rejects(
        client.run([
          ['SET', key, 'text'],
          ['HGETALL', key],
        ]),
        {
          code: 'internal',
        },
      )
    })

    it('runs a script that Redis does not know, or no longer', async (test) => {
      const { client } = await openTestRedisClient(test, servers)
      const script = redisScript(`return {KEYS[1], ARGV[1], '${client.deployment}'}`)
      const expected = ['k', '5', client.deployment]
      assert.deepEqual(await client.runScript(script, ['k'], [5]), expected)
      await client.run([['SCRIPT', 'FLUSH']])
      assert.deepEqual(await client.runScript(script, ['k'], [5]), expected)
      await assert.rejects(client.runScript(redisScript('return nonsense()'), [], []), {
        code: 'internal',
      })
    })

    it('comes back after Redis was killed, with what it listened to, and says so', async (test) => {
      const { client, telemetry } = await openTestRedisClient(test, servers)
      const heard: string[] = []
      const channel = client.key('channel')
      client.subscribe(channel, (message) => heard.push(message))
      let reconnects = 0
      client.watchReconnects(() => reconnects++)
      await redis.kill()
      await eventually(() => assert.equal(client.connected, false))
      await assert.rejects(client.run([['PING']]), unavailable)
      await redis.start()
      await eventually(() => assert.equal(reconnects, 1))
      await eventually(async () => {
        await client.run([['PUBLISH', channel, 'hello']])
        assert.ok(heard.includes('hello'))
      })
      // Each attempt that finds nobody says again that it is away.
      const states = telemetry.breakers
        .map(({ state }) => state)
        .filter((state) => state !== 'half_open')
        .filter((state, index, all) => state !== all[index - 1])
      assert.deepEqual(states, ['closed', 'open', 'closed'])
    })

    it('ends every call, and notices within seconds that Redis no longer answers', async (test) => {
      const { client } = await openTestRedisClient(test, servers)
      test.after(() => redis.resume())
      await redis.pause()
      const calls = Array.from({ length: 100 }, () => client.run([['PING']]))
      for (const call of await Promise.allSettled(calls)) assert.equal(call.status, 'rejected')
      await eventually(() => assert.equal(client.connected, false), 4_000)
      redis.resume()
      await eventually(() => client.run([['PING']]))
    })

    it('is heard on a channel until told otherwise', async (test) => {
      const { client } = await openTestRedisClient(test, servers)
      const heard: string[] = []
      const channel = client.key('channel')
      const ends = [1, 2].map((n) =>
        client.subscribe(channel, (message) => heard.push(`${String(n)} ${message}`)),
      )
      await eventually(async () => {
        await client.run([['PUBLISH', channel, 'a']])
        assert.ok(heard.length > 0)
      })
      ends[0]?.()
      heard.length = 0
      await client.run([['PUBLISH', channel, 'b']])
      await eventually(() => assert.ok(heard.includes('2 b')))
      assert.ok(!heard.includes('1 b'))
      ends[1]?.()
      await eventually(async () => {
        assert.deepEqual(await client.run([['PUBLISH', channel, 'c']]), [0])
      })
    })

    it('is not said to be lost by who closes it', async (test) => {
      const { client, telemetry } = await openTestRedisClient(test, servers)
      const { client: other } = await openTestRedisClient(test, servers)
      const countClients = async (): Promise<number> => {
        const [list] = await other.run([['CLIENT', 'LIST']])
        return String(list).trim().split('\n').length
      }
      const before = await countClients()
      client.close()
      await eventually(async () => assert.ok((await countClients()) < before))
      await countClients()
      assert.deepEqual(telemetry.breakers, [{ server: 'redis', state: 'closed' }])
    })

    it('opens where there is no Redis yet', async () => {
      const telemetry = new RecordedServerTelemetry()
      const client = await openRedisClient({
        ...{
          url: 'redis://user:password@127.0.0.1:1',
          deployment: 'test',
          name: 'test',
          telemetry,
        },
        clock: createMonotonicClock(),
      })
      assert.equal(client.connected, false)
      await assert.rejects(client.run([['PING']]), unavailable)
      client.close()
      assert.ok(telemetry.failures.some(({ code }) => code === 'ECONNREFUSED'))
      const [loss] = telemetry.losses
      assert.equal(loss?.address, '127.0.0.1:1')
      assert.match(String(loss.cause), /ECONNREFUSED/)
    })
  })
}
