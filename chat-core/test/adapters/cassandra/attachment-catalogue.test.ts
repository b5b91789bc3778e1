import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import { openCassandraAttachmentCatalogue } from '../../../src/adapters/cassandra/attachment-catalogue.ts'
import type { CassandraClient } from '../../../src/adapters/cassandra/cassandra-client.ts'
import type { AttachmentRow } from '../../../src/ports/attachment-catalogue.ts'
import { openLossyCassandra } from '../../support/lossy-cassandra.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { attachmentRow, userNamed } from '../../support/media-rows.ts'
import {
  openProvisionedClient,
  openTestClient,
  sharedClients,
} from '../../support/real-cassandra.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'

const NOW_MS = 1_800_000_000_000
const MINUTE_MS = 60_000

// Of the file's own: a few keyspaces more would weigh on everybody else's.
const servers = await startServersOfFile(['cassandra'], { isNeverKilled: true })
if (servers !== undefined) describe('attachments in Cassandra', () => describeRows(servers))

function describeRows(running: RealServers): void {
  const shared = sharedClients(running)

  /** In a keyspace of its own where a test counts what there is. */
  async function openScene(t: TestContext, { isAlone = false } = {}) {
    const client = isAlone ? await openProvisionedClient(t, running) : shared()[0]
    const clock = new ManualClock(NOW_MS)
    const lossy = openLossyCassandra(client)
    return {
      client,
      clock,
      lossy,
      catalogue: openCassandraAttachmentCatalogue({ client: lossy.client, clock }),
    }
  }
  const rowNow = (about: Parameters<typeof attachmentRow>[0] = {}) =>
    attachmentRow({ createdMs: NOW_MS, touchedMs: NOW_MS, ...about })

  test('a write whose outcome nobody heard is told by what it left', async (t) => {
    const { catalogue, lossy } = await openScene(t)
    const row = rowNow()
    lossy.lose('done_unheard')
    assert.deepEqual(await catalogue.create(row, { maxPending: 9 }), { kind: 'created' })
    lossy.lose('done_unheard')
    const next: AttachmentRow = { ...row, version: 2, state: 'processing' }
    assert.equal(await catalogue.replace(row, next), true)
    assert.equal((await catalogue.read(row.id))?.version, 2)
    lossy.lose('not_done')
    assert.equal(await catalogue.replace(next, { ...next, version: 3 }), false)
    assert.equal((await catalogue.read(row.id))?.version, 2)
    lossy.lose('done_unheard')
    await catalogue.remove({ id: row.id, version: 2 })
    assert.equal(await catalogue.read(row.id), undefined)
  })

  test('a creation that did not happen is not taken for one', async (t) => {
    const { catalogue, lossy } = await openScene(t)
    const row = rowNow()
    lossy.lose('not_done')
    await assert.rejects(catalogue.create(row, { maxPending: 9 }), { code: 'unavailable' })
    assert.equal(await catalogue.read(row.id), undefined)
    assert.deepEqual(await catalogue.create(row, { maxPending: 1 }), { kind: 'created' })
    lossy.lose('done_unheard')
    const again = await catalogue.create({ ...row, name: 'other.jpg' }, { maxPending: 1 })
    assert.deepEqual(again, { kind: 'exists', row })
  })

  test('of two processes that replace the same version, many times over, one does each time', async (t) => {
    const { client, clock, catalogue } = await openScene(t)
    const second = await openTestClient(t, running, client.keyspace)
    const other = openCassandraAttachmentCatalogue({ client: second, clock })
    const row = rowNow()
    await catalogue.create(row, { maxPending: 9 })
    for (let version = 2; version <= 12; version++) {
      const outcomes = await Promise.all(
        [catalogue, other, catalogue, other].map((one, index) =>
          one.replace({ ...row, version: version - 1 }, { ...row, version, name: String(index) }),
        ),
      )
      assert.equal(outcomes.filter(Boolean).length, 1, `version ${String(version)}`)
      const winner = String(outcomes.indexOf(true))
      assert.equal((await catalogue.read(row.id))?.name, winner)
    }
  })

  test('what led to a time that is no longer one is taken away, and so is a minute that is empty', async (t) => {
    const { client, clock, catalogue } = await openScene(t, { isAlone: true })
    const count = async (table: string) => {
      const rows = await client.read(`SELECT kind FROM ${client.keyspace}.${table}`, [], () => 1)
      return rows.length
    }
    const row = rowNow({ dueMs: NOW_MS + MINUTE_MS })
    await catalogue.create(row, { maxPending: 9 })
    const later = { ...row, version: 2, dueMs: NOW_MS + 10 * MINUTE_MS }
    assert.equal(await catalogue.replace(row, later), true)
    assert.deepEqual([await count('due'), await count('due_buckets')], [2, 2])
    // Too young to be judged: its row might be on its way.
    clock.advance(MINUTE_MS)
    assert.deepEqual(await catalogue.listDue(clock.nowMs(), 10), [])
    assert.equal(await count('due'), 2)
    clock.advance(2 * MINUTE_MS)
    assert.deepEqual(await catalogue.listDue(clock.nowMs(), 10), [])
    assert.equal(await count('due'), 1)
    assert.deepEqual(await catalogue.listDue(clock.nowMs(), 10), [])
    assert.equal(await count('due_buckets'), 1)
    clock.advance(10 * MINUTE_MS)
    assert.deepEqual(await catalogue.listDue(clock.nowMs(), 10), [later])
    assert.deepEqual([await count('due'), await count('due_buckets')], [1, 1])
  })

  test('more rows than a page are due in their order, over minutes and shards', async (t) => {
    const { catalogue } = await openScene(t, { isAlone: true })
    const uploaderId = userNamed('busy-bea')
    const rows = Array.from({ length: 230 }, (_, index) =>
      rowNow({ uploaderId, dueMs: NOW_MS + index * 1_000, state: 'processing' }),
    )
    for (let start = 0; start < rows.length; start += 23) {
      const some = rows.slice(start, start + 23)
      await Promise.all(some.map((row) => catalogue.create(row, { maxPending: 9 })))
    }
    const ids = rows.map(({ id }) => id)
    const due = async (untilMs: number, limit: number) =>
      (await catalogue.listDue(untilMs, limit)).map(({ id }) => id)
    assert.deepEqual(await due(NOW_MS + 300_000, 1_000), ids)
    assert.deepEqual(await due(NOW_MS + 300_000, 130), ids.slice(0, 130))
    assert.deepEqual(await due(NOW_MS + 99_000, 1_000), ids.slice(0, 100))
  })

  test('a conversation forgets entries that lead nowhere, and no others', async (t) => {
    const { client, clock, catalogue, lossy } = await openScene(t, { isAlone: true })
    const conversationId = newConversationId('group')
    const [kept, lost] = [rowNow({ conversationId }), rowNow({ conversationId })]
    await catalogue.create(kept, { maxPending: 9 })
    lossy.lose('not_done')
    await assert.rejects(catalogue.create(lost, { maxPending: 9 }))
    const entries = () => countEntries(client)
    assert.deepEqual(await catalogue.listOf(conversationId, { limit: 10 }), [kept])
    assert.equal(await entries(), 2)
    clock.advance(5 * MINUTE_MS)
    assert.deepEqual(await catalogue.listOf(conversationId, { limit: 10 }), [kept])
    assert.equal(await entries(), 1)
    await catalogue.remove(kept)
    assert.equal(await entries(), 0)
  })

  test('creating again leaves nothing behind, here or in another conversation', async (t) => {
    const { client, clock, catalogue } = await openScene(t, { isAlone: true })
    const row = rowNow()
    await catalogue.create(row, { maxPending: 9 })
    clock.advance(MINUTE_MS)
    const again = { ...row, createdMs: clock.nowMs() }
    const elsewhere = { ...again, conversationId: newConversationId('group') }
    for (const other of [again, elsewhere]) {
      assert.deepEqual(await catalogue.create(other, { maxPending: 9 }), { kind: 'exists', row })
    }
    assert.deepEqual(await catalogue.listOf(row.conversationId, { limit: 10 }), [row])
    assert.equal(await countEntries(client), 1)
    clock.advance(5 * MINUTE_MS)
    await catalogue.remove(row)
    assert.equal(await countEntries(client), 0)
  })
}

async function countEntries(client: Pick<CassandraClient, 'keyspace' | 'read'>): Promise<number> {
  const table = `${client.keyspace}.conversation_attachments`
  return (await client.read(`SELECT shard FROM ${table}`, [], () => 1)).length
}
