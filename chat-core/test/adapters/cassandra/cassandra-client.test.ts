import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError, newConversationId, type ConversationId } from '@satchel/protocol'
import {
  openCassandraClient,
  type CassandraClient,
} from '../../../src/adapters/cassandra/cassandra-client.ts'
import { cassandraPortsOf } from '../../support/cassandra-ports.ts'
import { eventually } from '../../support/eventually.ts'
import { commitOfMessage, requireWhole } from '../../support/killed-conversation.ts'
import { openProvisionedClient, openTestClient } from '../../support/real-cassandra.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { RecordedServerTelemetry } from '../../support/recorded-server-telemetry.ts'

// These hurt the server, so it is the file's own.
const servers = await startServersOfFile(['cassandra'])
if (servers !== undefined) describeClient(servers)

const TEXT_LENGTH = 200
const COMMITS_BEFORE = 300
const RETRY_MS = 200

function describeClient(servers: RealServers): void {
  const server = servers.server('cassandra')

  test('whatever moment Cassandra is killed at: what settled is there, and the process goes on when it is back', async (context) => {
    const telemetry = new RecordedServerTelemetry()
    const { keyspace } = await openProvisionedClient(context, servers)
    const client = await openTestClient(context, servers, keyspace, telemetry)
    const ids = Array.from({ length: 20 }, () => newConversationId('group'))
    const committing = new Committing(client, ids)
    context.after(() => committing.stop())
    await eventually(() => assert.ok(committing.count >= COMMITS_BEFORE), 60_000)
    await server.kill()
    await eventually(() => assert.ok(committing.failures > 0))
    await server.start()
    const before = committing.count
    await eventually(() => assert.ok(committing.count > before + 20), 60_000)
    await committing.stop()
    for (const [id, settled] of committing.settled)
      assert.equal(await requireWhole(cassandraPortsOf(client), id, TEXT_LENGTH), settled)
    assert.ok(telemetry.breakers.some(({ state }) => state === 'open'))
    assert.equal(telemetry.breakers.at(-1)?.state, 'closed')
    context.diagnostic(`${committing.count} commits, ${committing.failures} failures between`)
  })

  test('calls end in time when Cassandra is there and does not answer, and work when it does again', async (context) => {
    const telemetry = new RecordedServerTelemetry()
    const { keyspace } = await openProvisionedClient(context, servers)
    const client = await openTestClient(context, servers, keyspace, telemetry)
    const read = () => client.read(`SELECT user FROM ${keyspace}.users`, [], (row) => row)
    await read()
    await server.pause()
    context.after(() => server.resume())
    const startedMs = performance.now()
    await assert.rejects(read(), isUnavailable)
    assert.ok(performance.now() - startedMs < 60_000)
    assert.ok(telemetry.failures.length > 0)
    server.resume()
    await eventually(read, 30_000)
  })

  test('says of a statement that makes no sense that it is our fault, and does not try again', async (context) => {
    const telemetry = new RecordedServerTelemetry()
    const client = await openTestClient(context, servers, 'nowhere', telemetry)
    const read = client.read('SELECT nothing FROM nowhere.at_all', [], (row) => row)
    await assert.rejects(read, { name: 'ChatError', code: 'internal' })
    assert.deepEqual(telemetry.failures, [{ server: 'cassandra', code: 'response_2200' }])
  })

  test('a write of which another process was faster is refused, with what is there', async (context) => {
    const client = await openProvisionedClient(context, servers)
    const insert = `INSERT INTO ${client.keyspace}.users (user, value) VALUES (?, ?) IF NOT EXISTS`
    const write = (value: string) =>
      client.writeIf(insert, ['bob', Buffer.from(value)], (row) => String(row['value']))
    assert.deepEqual(await write('first'), { applied: true })
    assert.deepEqual(await write('second'), { applied: false, current: 'first' })
    const update = `UPDATE ${client.keyspace}.users SET value = ? WHERE user = ? IF EXISTS`
    const nobody = await client.writeIf(update, [Buffer.from('x'), 'carol'], (row) => row)
    assert.deepEqual(nobody, { applied: false, current: undefined })
  })

  test('is not opened where no Cassandra is', async () => {
    const opening = openCassandraClient({
      contactPoints: ['127.0.0.1:1'],
      dataCenter: 'datacenter1',
      keyspace: 'test',
      telemetry: new RecordedServerTelemetry(),
    })
    await assert.rejects(opening, isUnavailable)
  })
}

/** Commits one message after another to each conversation, and each again until it settles. */
class Committing {
  readonly settled: Map<ConversationId, number>
  failures = 0
  #stopping = false
  readonly #working: Promise<unknown>

  constructor(client: CassandraClient, ids: readonly ConversationId[]) {
    this.settled = new Map(ids.map((id) => [id, 0]))
    const store = cassandraPortsOf(client).conversations
    this.#working = Promise.all(
      ids.map(async (id) => {
        for (let seq = 1; !this.#stopping;) {
          try {
            await store.commit(commitOfMessage(id, 1, seq, TEXT_LENGTH))
            this.settled.set(id, seq++)
          } catch (error) {
            if (!isUnavailable(error)) throw error
            this.failures++
            await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
          }
        }
      }),
    )
  }

  get count(): number {
    return [...this.settled.values()].reduce((sum, seq) => sum + seq, 0)
  }

  /** Settles when what was begun is committed. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#working
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof ChatError && error.code === 'unavailable' && error.retryable
}
