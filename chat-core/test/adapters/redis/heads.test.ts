import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { ConversationId } from '@satchel/protocol'
import { openNatsOwnerRequests } from '../../../src/adapters/nats/owner-requests.ts'
import { openRedisHeads, type RedisHeads } from '../../../src/adapters/redis/heads.ts'
import type { RedisClient } from '../../../src/adapters/redis/redis-client.ts'
import { headKey } from '../../../src/adapters/redis/stored-head.ts'
import { partitionOf } from '../../../src/domain/partition-of.ts'
import type { ConversationStore } from '../../../src/ports/conversation-store.ts'
import type { OwnerQuestion, OwnerRequests } from '../../../src/ports/owner-requests.ts'
import { createMonotonicClock } from '../../../src/runtime/monotonic-clock.ts'
import type { ContractSubject } from '../../contracts/contract-subject.ts'
import { describeHeads } from '../../contracts/heads.contract.ts'
import { answerFromStore } from '../../support/answer-from-store.ts'
import { ConversationHistory } from '../../support/conversation-history.ts'
import { eventually } from '../../support/eventually.ts'
import { newDeployment, openTestNatsClient } from '../../support/nats-clients.ts'
import { ALICE } from '../../support/people.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { RecordedServerTelemetry } from '../../support/recorded-server-telemetry.ts'
import { openTestRedisClient } from '../../support/redis-clients.ts'
import { openStoredConversations } from '../../support/stored-conversations.ts'

const PARTITIONS = 4

const servers = await startServersOfFile(['nats', 'redis'])
if (servers !== undefined) describeRedisHeads(servers)

interface Process {
  readonly client: RedisClient
  readonly conversations: ConversationStore
  readonly requests: OwnerRequests
  readonly heads: RedisHeads
}

interface Stage {
  /** Owns every partition. */
  readonly one: Process
  readonly other: Process
  readonly asked: OwnerQuestion[]
  readonly endServing: (partition: number) => void
}

async function openProcess(
  test: TestContext,
  servers: RealServers,
  conversations: ConversationStore,
  deployment: string,
): Promise<Process> {
  const { client } = await openTestRedisClient(test, servers, deployment)
  const clock = createMonotonicClock()
  const requests = openNatsOwnerRequests({
    client: await openTestNatsClient(test, servers.addresses.nats, deployment),
    clock,
    telemetry: new RecordedServerTelemetry(),
  })
  const heads = openRedisHeads({ client, clock, requests, partitions: PARTITIONS })
  test.after(() => {
    heads.close()
  })
  return { client, conversations, requests, heads }
}

async function open(test: TestContext, servers: RealServers): Promise<Stage> {
  const deployment = newDeployment()
  const conversations = await openStoredConversations(test)
  const [one, other] = [
    await openProcess(test, servers, conversations, deployment),
    await openProcess(test, servers, conversations, deployment),
  ]
  const asked: OwnerQuestion[] = []
  const answer = answerFromStore(conversations)
  const ends = Array.from({ length: PARTITIONS }, (_, partition) =>
    one.requests.serve(partition, (questions) => {
      asked.push(...questions)
      return answer(questions)
    }),
  )
  return { one, other, asked, endServing: (partition) => ends[partition]?.() }
}

function describeRedisHeads(servers: RealServers): void {
  const redis = servers.server('redis')
  const subject: ContractSubject<Process> = {
    open: async (test) => ({ ...(await open(test, servers)), advance: () => Promise.resolve() }),
  }
  describeHeads('redis', subject)

  describe('heads in Redis', () => {
    it('are asked from owners once, and found there from then on', async (test) => {
      const { one, other, asked } = await open(test, servers)
      const history = await conversationOf(one, 3)
      for (let n = 0; n < 3; n++) {
        assert.deepEqual(await other.heads.read([history.id]), [history.head])
        await eventually(() => readStored(other, history.id))
      }
      assert.equal(asked.length, 1)
    })

    it('are asked once for each conversation, however often it is asked for in one turn', async (test) => {
      const { one, other, asked } = await open(test, servers)
      const histories = await Promise.all(Array.from({ length: 20 }, () => conversationOf(one, 1)))
      const five = Array.from({ length: 5 }, () => histories).flat()
      assert.deepEqual(
        await other.heads.read(five.map(({ id }) => id)),
        five.map(({ head }) => head),
      )
      assert.equal(asked.length, 20)
    })

    it('need no owner once they are published', async (test) => {
      const { one, other, asked } = await open(test, servers)
      const history = await conversationOf(one, 2)
      await publish(one, history)
      assert.deepEqual(await other.heads.read([history.id]), [history.head])
      assert.deepEqual(asked, [])
    })

    it('come from owners while there is no Redis', async (test) => {
      const { one, other } = await open(test, servers)
      const history = await conversationOf(one, 1)
      await redis.kill()
      await eventually(() => assert.equal(other.client.connected, false))
      assert.deepEqual(await other.heads.read([history.id]), [history.head])
      await redis.start()
      await eventually(() => assert.equal(other.client.connected, true))
    })

    it('of one partition without an owner cost nothing of the others', async (test) => {
      const { one, other, endServing } = await open(test, servers)
      const [lost, published] = [await conversationOf(one, 1), await conversationOf(one, 1)]
      await publish(one, published)
      const lostPartition = partitionOf(lost.id, PARTITIONS)
      endServing(lostPartition)
      const served = await conversationOf(
        one,
        1,
        (id) => partitionOf(id, PARTITIONS) !== lostPartition,
      )
      const heads = await other.heads.read([lost.id, published.id, served.id])
      assert.deepEqual(heads, ['unreachable', published.head, served.head])
    })

    it('are never older than an event that has come', async (test) => {
      const { one, other, asked } = await open(test, servers)
      const history = await conversationOf(one, 1)
      await publish(one, history)
      // The owner could not publish this one.
      await history.send(ALICE, 'later')
      other.heads.saw(history.id, history.lastSeq)
      assert.deepEqual(await other.heads.read([history.id]), [history.head])
      assert.equal(asked.length, 1)
      // Whoever asked has told everybody.
      await eventually(async () => {
        const third = await readStored(one, history.id)
        assert.match(third, new RegExp(`^${String(history.lastSeq)} `))
      })
    })

    it('are published again when Redis did not take them', async (test) => {
      const { one } = await open(test, servers)
      const history = await conversationOf(one, 1)
      await redis.kill()
      await eventually(() => assert.equal(one.client.connected, false))
      await assert.rejects(publish(one, history), { code: 'unavailable' })
      await redis.start()
      await eventually(() => readStored(one, history.id))
    })

    it('of the last minute are published again to a server that may have missed them', async (test) => {
      const { one } = await open(test, servers)
      const history = await conversationOf(one, 1)
      await publish(one, history)
      await redis.kill()
      await redis.start()
      await eventually(() => readStored(one, history.id))
    })

    it('that were stored before a loss are asked for again', async (test) => {
      const { one, other, asked } = await open(test, servers)
      const history = await conversationOf(one, 1)
      await publish(one, history)
      await eventually(async () => {
        assert.deepEqual(await other.heads.read([history.id]), [history.head])
      })
      test.after(() => redis.resume())
      await redis.pause()
      await eventually(() => assert.equal(other.client.connected, false))
      // Committed and told by an owner that could not publish it, and died.
      one.heads.close()
      await history.send(ALICE, 'later')
      redis.resume()
      await eventually(() => assert.equal(other.client.connected, true))
      await eventually(async () => {
        assert.deepEqual(await other.heads.read([history.id]), [history.head])
      })
      assert.ok(asked.length > 0)
    })

    it('come back after FLUSHALL', async (test) => {
      const { one, other } = await open(test, servers)
      const history = await conversationOf(one, 1)
      await publish(one, history)
      await one.client.run([['FLUSHALL']])
      assert.deepEqual(await other.heads.read([history.id]), [history.head])
    })

    it('are asked for where Redis holds nonsense', async (test) => {
      const { one, other } = await open(test, servers)
      const history = await conversationOf(one, 1)
      const key = headKey(one.client, history.id)
      for (const text of ['', 'nonsense', '9 9 {}', '9 9 {"seq":', '99999 9999999999999 []']) {
        await one.client.run([['SET', key, text]])
        assert.deepEqual(await other.heads.read([history.id]), [history.head])
      }
    })
  })
}

async function conversationOf(
  process: Process,
  messages: number,
  isWanted: (id: ConversationId) => boolean = () => true,
): Promise<ConversationHistory> {
  let history = new ConversationHistory(process.conversations, ALICE)
  while (!isWanted(history.id)) history = new ConversationHistory(process.conversations, ALICE)
  for (let n = 0; n < messages; n++) await history.send(ALICE, `message ${String(n)}`)
  return history
}

function publish(process: Process, history: ConversationHistory): Promise<void> {
  return process.heads.publish(new Map([[history.id, history.head]]))
}

/** Throws while Redis has none. */
async function readStored({ client }: Process, id: ConversationId): Promise<string> {
  const [text] = await client.run([['GET', headKey(client, id)]])
  assert.ok(typeof text === 'string')
  return text
}
