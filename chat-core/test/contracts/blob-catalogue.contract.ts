import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newAttachmentId, newBlobKey } from '@satchel/protocol'
import type { BlobCatalogue } from '@satchel/chat-core/ports'
import { blobFacts, newBlob } from '../support/media-rows.ts'
import type { OpenedPort } from './opened-port.ts'

/** What every `BlobCatalogue` keeps to. */
export function describeBlobCatalogue(
  backend: string,
  open: () => Promise<OpenedPort<BlobCatalogue>>,
): void {
  describe(`blob catalogue, ${backend}`, () => {
    let opened: OpenedPort<BlobCatalogue>
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())
    const condemnedKeys = async (beforeMs: number) =>
      (await opened.port.listCondemned(beforeMs, 1_000)).map(({ key }) => key)

    test('new bytes are kept under their own key', async () => {
      const blob = newBlob()
      const stored = await opened.port.store(blob, newAttachmentId())
      const { key, sha256, sizeBytes, state } = stored
      assert.deepEqual({ key, sha256, sizeBytes, state }, { ...blob, state: 'live' })
      assert.equal((await opened.port.read(blob.key))?.state, 'live')
      assert.equal(await opened.port.read(newBlobKey()), undefined)
    })

    test('of many that store the same bytes at once one keeps them and all get its key', async () => {
      const first = newBlob()
      const blobs = [first, ...Array.from({ length: 5 }, () => newBlob({ sha256: first.sha256 }))]
      const rows = await Promise.all(
        blobs.map((blob) => opened.port.store(blob, newAttachmentId())),
      )
      const keys = new Set(rows.map(({ key }) => key))
      assert.equal(keys.size, 1)
      for (const { key } of blobs) {
        assert.equal((await opened.port.read(key)) !== undefined, keys.has(key))
      }
    })

    test('bytes are condemned when the last of their references goes, not before', async () => {
      const blob = newBlob()
      const [one, two] = [newAttachmentId(), newAttachmentId()]
      await opened.port.store(blob, one)
      await opened.port.store(newBlob({ sha256: blob.sha256 }), one)
      assert.equal(await opened.port.addReference(blob.key, two), true)
      await opened.port.removeReference(blob.key, one, 100)
      await opened.port.removeReference(blob.key, one, 100)
      assert.equal((await opened.port.read(blob.key))?.state, 'live')
      await opened.port.removeReference(blob.key, two, 200)
      const row = await opened.port.read(blob.key)
      assert.equal(row?.state, 'condemned')
      assert.equal(row.condemnedMs, 200)
      await opened.port.removeReference(blob.key, two, 900)
      assert.equal((await opened.port.read(blob.key))?.condemnedMs, 200)
      assert.ok(!(await condemnedKeys(199)).includes(blob.key))
      assert.ok((await condemnedKeys(200)).includes(blob.key))
    })

    test('a new reference saves condemned bytes, and deletion does not begin', async () => {
      const blob = newBlob()
      const one = newAttachmentId()
      await opened.port.store(blob, one)
      await opened.port.removeReference(blob.key, one, 100)
      assert.equal(await opened.port.addReference(blob.key, newAttachmentId()), true)
      assert.equal((await opened.port.read(blob.key))?.state, 'live')
      assert.equal(await opened.port.beginDeletion(blob.key, 1_000), false)
      assert.ok(!(await condemnedKeys(1_000)).includes(blob.key))
    })

    test('bytes being deleted gain no reference; the same bytes get a key of their own', async () => {
      const blob = newBlob()
      const one = newAttachmentId()
      await opened.port.store(blob, one)
      await opened.port.removeReference(blob.key, one, 100)
      assert.equal(await opened.port.beginDeletion(blob.key, 99), false)
      assert.equal(await opened.port.beginDeletion(blob.key, 100), true)
      assert.equal(await opened.port.beginDeletion(blob.key, 100), true)
      assert.equal(await opened.port.addReference(blob.key, newAttachmentId()), false)
      const again = newBlob({ sha256: blob.sha256 })
      assert.equal((await opened.port.store(again, newAttachmentId())).key, again.key)
      await opened.port.remove(blob.key)
      await opened.port.remove(blob.key)
      assert.equal(await opened.port.read(blob.key), undefined)
      const third = newBlob({ sha256: blob.sha256 })
      assert.equal((await opened.port.store(third, newAttachmentId())).key, again.key)
    })

    test('after bytes are gone the same ones are new', async () => {
      const blob = newBlob()
      const one = newAttachmentId()
      await opened.port.store(blob, one)
      await opened.port.removeReference(blob.key, one, 100)
      await opened.port.beginDeletion(blob.key, 100)
      await opened.port.remove(blob.key)
      assert.equal(await opened.port.addReference(blob.key, one), false)
      const again = newBlob({ sha256: blob.sha256 })
      const stored = await opened.port.store(again, one)
      assert.equal(stored.key, again.key)
      await opened.port.removeReference(again.key, one, 300)
      assert.equal((await opened.port.read(again.key))?.state, 'condemned')
    })

    test('a reference added at the moment of deletion either holds or is refused', async () => {
      for (let round = 0; round < 20; round++) {
        const blob = newBlob()
        const one = newAttachmentId()
        await opened.port.store(blob, one)
        await opened.port.removeReference(blob.key, one, 100)
        const [added, deleting] = await Promise.all([
          opened.port.addReference(blob.key, newAttachmentId()),
          opened.port.beginDeletion(blob.key, 100),
        ])
        assert.notEqual(added, deleting)
      }
    })

    test('facts of an older pipeline do not replace newer ones', async () => {
      const blob = newBlob()
      await opened.port.store(blob, newAttachmentId())
      const newer = blobFacts({ pipelineVersion: 2 })
      await opened.port.describe(blob.key, newer)
      await opened.port.describe(blob.key, blobFacts({ pipelineVersion: 1, contentType: 'x/y' }))
      assert.deepEqual((await opened.port.read(blob.key))?.facts, newer)
      await opened.port.describe(newBlobKey(), newer)
    })

    test('what is noted of former pipelines is replaced only as it was read, and outlives its references', async () => {
      const blob = newBlob()
      const one = newAttachmentId()
      await opened.port.store(blob, one)
      const formerOf = async () => (await opened.port.read(blob.key))?.former
      const first = { versions: [1], sinceMs: 100 }
      const second = { versions: [1, 2], sinceMs: 200 }
      const { key } = blob
      assert.equal(await opened.port.replaceFormer({ key }, first), true)
      assert.equal(await opened.port.replaceFormer({ key }, second), false)
      assert.deepEqual(await formerOf(), first)
      const both = await Promise.all(
        [second, { versions: [3], sinceMs: 300 }].map((former) =>
          opened.port.replaceFormer({ key, former: first }, former),
        ),
      )
      assert.equal(both.filter((isReplaced) => isReplaced).length, 1)
      const noted = await formerOf()
      assert.equal(await opened.port.replaceFormer({ key, former: first }, noted), true)
      await opened.port.addReference(key, newAttachmentId())
      await opened.port.describe(key, blobFacts())
      assert.deepEqual(await formerOf(), noted)
      assert.equal(await opened.port.replaceFormer({ key, former: noted }, undefined), true)
      assert.equal(await formerOf(), undefined)
      assert.equal(await opened.port.replaceFormer({ key: newBlobKey() }, first), false)
    })

    test('nothing is noted any more of bytes that are being deleted', async () => {
      const blob = newBlob()
      const one = newAttachmentId()
      await opened.port.store(blob, one)
      await opened.port.removeReference(blob.key, one, 100)
      await opened.port.beginDeletion(blob.key, 100)
      const former = { versions: [1], sinceMs: 100 }
      assert.equal(await opened.port.replaceFormer(blob, former), false)
      assert.equal((await opened.port.read(blob.key))?.former, undefined)
    })

    test('references are remembered over a restart', async () => {
      const blob = newBlob()
      const [one, two] = [newAttachmentId(), newAttachmentId()]
      await opened.port.store(blob, one)
      await opened.port.addReference(blob.key, two)
      await opened.reopen()
      await opened.port.removeReference(blob.key, one, 100)
      assert.equal((await opened.port.read(blob.key))?.state, 'live')
    })
  })
}
