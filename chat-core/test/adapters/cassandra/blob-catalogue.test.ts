import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { newAttachmentId } from '@satchel/protocol'
import { openCassandraBlobCatalogue } from '../../../src/adapters/cassandra/blob-catalogue.ts'
import { openLossyCassandra } from '../../support/lossy-cassandra.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { newBlob } from '../../support/media-rows.ts'
import {
  openProvisionedClient,
  openTestClient,
  sharedClients,
} from '../../support/real-cassandra.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'

const NOW_MS = 1_800_000_000_000
const ROUNDS = 30

// Of the file's own: a few keyspaces more would weigh on everybody else's.
const servers = await startServersOfFile(['cassandra'], { isNeverKilled: true })
if (servers !== undefined) describe('blobs in Cassandra', () => describeBlobs(servers))

function describeBlobs(running: RealServers): void {
  const shared = sharedClients(running)

  /** In a keyspace of its own where a test counts what there is. */
  async function openScene(t: TestContext, { isAlone = false } = {}) {
    const clock = new ManualClock(NOW_MS)
    const client = isAlone ? await openProvisionedClient(t, running) : shared()[0]
    const second = await openTestClient(t, running, client.keyspace)
    const lossy = openLossyCassandra(client)
    return {
      client,
      clock,
      lossy,
      one: openCassandraBlobCatalogue({ client: lossy.client, clock }),
      other: openCassandraBlobCatalogue({ client: second, clock }),
    }
  }

  test('two processes that store the same bytes at once keep them under one key, every time', async (t) => {
    const { client, one, other } = await openScene(t, { isAlone: true })
    for (let round = 0; round < 8; round++) {
      const first = newBlob()
      const blobs = [first, ...Array.from({ length: 3 }, () => newBlob({ sha256: first.sha256 }))]
      const references = blobs.map(() => newAttachmentId())
      const rows = await Promise.all(
        blobs.map((blob, index) => (index % 2 === 0 ? one : other).store(blob, references[index]!)),
      )
      const [key] = new Set(rows.map((row) => row.key))
      assert.equal(new Set(rows.map((row) => row.key)).size, 1)
      assert.ok(key)
      for (const blob of blobs) {
        assert.equal((await other.read(blob.key)) !== undefined, blob.key === key)
      }
      // All four refer to it: it is condemned with the last of them, not before.
      for (const reference of references.slice(1)) await one.removeReference(key, reference, NOW_MS)
      assert.equal((await other.read(key))?.state, 'live')
      await other.removeReference(key, references[0]!, NOW_MS)
      assert.equal((await one.read(key))?.state, 'condemned')
    }
    const rows = await client.read(`SELECT key FROM ${client.keyspace}.blobs`, [], () => 1)
    assert.equal(rows.length, 8)
  })

  test('a reference that comes as deletion begins holds, or is refused, round after round', async (t) => {
    const { one, other } = await openScene(t)
    let held = 0
    for (let round = 0; round < ROUNDS; round++) {
      const blob = newBlob()
      const first = newAttachmentId()
      await one.store(blob, first)
      await one.removeReference(blob.key, first, NOW_MS)
      const [added, isDeleting] = await Promise.all([
        one.addReference(blob.key, newAttachmentId()),
        other.beginDeletion(blob.key, NOW_MS),
      ])
      assert.notEqual(added, isDeleting, `round ${String(round)}`)
      assert.equal((await other.read(blob.key))?.state, added ? 'live' : 'deleting')
      if (added) held++
    }
    t.diagnostic(`the reference held in ${String(held)} of ${String(ROUNDS)} rounds`)
  })

  test('references that come and go at once in two processes leave their exact number', async (t) => {
    const { one, other } = await openScene(t)
    const blob = newBlob()
    const kept = newAttachmentId()
    await one.store(blob, kept)
    const passing = Array.from({ length: 6 }, () => newAttachmentId())
    await Promise.all(
      passing.flatMap((reference) =>
        [one, other].map(async (catalogue) => {
          assert.ok(await catalogue.addReference(blob.key, reference))
        }),
      ),
    )
    await Promise.all(
      passing.flatMap((reference) =>
        [one, other].map((catalogue) => catalogue.removeReference(blob.key, reference, NOW_MS)),
      ),
    )
    assert.equal((await one.read(blob.key))?.state, 'live')
    await other.removeReference(blob.key, kept, NOW_MS + 5)
    const row = await one.read(blob.key)
    assert.deepEqual([row?.state, row?.condemnedMs], ['condemned', NOW_MS + 5])
  })

  test('writes whose outcome nobody heard are done once', async (t) => {
    const { one, other, lossy } = await openScene(t)
    const blob = newBlob()
    const [first, second] = [newAttachmentId(), newAttachmentId()]
    lossy.lose('done_unheard', 'not_done', 'done_unheard')
    assert.equal((await one.store(blob, first)).key, blob.key)
    lossy.lose('not_done', 'done_unheard')
    assert.equal(await one.addReference(blob.key, second), true)
    lossy.lose('done_unheard')
    await one.removeReference(blob.key, first, NOW_MS)
    assert.equal((await other.read(blob.key))?.state, 'live')
    lossy.lose('not_done', 'done_unheard')
    await one.removeReference(blob.key, second, NOW_MS)
    assert.equal((await other.read(blob.key))?.state, 'condemned')
    lossy.lose('done_unheard')
    assert.equal(await one.beginDeletion(blob.key, NOW_MS), true)
    assert.equal(await other.addReference(blob.key, first), false)
  })

  test('a storing that died half-way is finished by the next try, whoever has the bytes by then', async (t) => {
    const { one, other, lossy } = await openScene(t)
    const blob = newBlob()
    const reference = newAttachmentId()
    // Its row is written, its hash is not.
    lossy.lose('done', 'died')
    await assert.rejects(one.store(blob, reference), /died/)
    assert.equal((await other.read(blob.key))?.state, 'live')
    const copy = newBlob({ sha256: blob.sha256 })
    const holder = newAttachmentId()
    await other.store(copy, holder)
    const row = await one.store(blob, reference)
    assert.equal(row.key, copy.key)
    assert.equal(await other.read(blob.key), undefined)
    await other.removeReference(copy.key, holder, NOW_MS)
    assert.equal((await one.read(copy.key))?.state, 'live')
  })

  test('what was condemned and lives again is not listed, and what is listed is the oldest first', async (t) => {
    const { one, clock } = await openScene(t, { isAlone: true })
    const blobs = Array.from({ length: 5 }, () => newBlob())
    for (const [index, blob] of blobs.entries()) {
      const reference = newAttachmentId()
      await one.store(blob, reference)
      await one.removeReference(blob.key, reference, NOW_MS + index * 40_000)
    }
    await one.addReference(blobs[2]!.key, newAttachmentId())
    clock.advance(600_000)
    const keys = async (limit: number) =>
      (await one.listCondemned(clock.nowMs(), limit)).map(({ key }) => key)
    const expected = [0, 1, 3, 4].map((index) => blobs[index]!.key)
    assert.deepEqual(await keys(10), expected)
    assert.deepEqual(await keys(3), expected.slice(0, 3))
    await one.beginDeletion(expected[0]!, clock.nowMs())
    assert.deepEqual(await keys(10), expected)
    await one.remove(expected[0]!)
    assert.deepEqual(await keys(10), expected.slice(1))
  })
}
