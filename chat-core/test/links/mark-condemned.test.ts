import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { newAttachmentId, type BlobKey } from '@satchel/protocol'
import { openEmbeddedBlobCatalogue } from '../../src/adapters/embedded/blob-catalogue.ts'
import { openEmbeddedStore } from '../../src/adapters/embedded/embedded-store.ts'
import { openObjectFolder } from '../../src/adapters/embedded/object-folder.ts'
import { openEmbeddedObjectStore } from '../../src/adapters/embedded/object-store.ts'
import { markCondemned, settleMark } from '../../src/links/mark-condemned.ts'
import { condemnedMarkKey } from '../../src/links/object-keys.ts'
import type { ObjectStore } from '../../src/ports/object-store.ts'
import { describeBlobCatalogue } from '../contracts/blob-catalogue.contract.ts'
import { newBlob } from '../support/media-rows.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

async function open() {
  const folder = await openTemporaryFolder()
  const store = await openEmbeddedStore({ dataDir: folder.path, pid: 1 })
  const objects = openEmbeddedObjectStore(await openObjectFolder(folder.path))
  const close = async (): Promise<void> => {
    await store.close()
    await folder.remove()
  }
  return { catalogue: openEmbeddedBlobCatalogue(store), objects, close }
}

async function openStage(context: TestContext) {
  const { catalogue, objects, close } = await open()
  context.after(close)
  const isMarked = async (key: BlobKey): Promise<boolean> =>
    (await objects.head(condemnedMarkKey(key))) !== undefined
  return { catalogue, objects, blobs: markCondemned(catalogue, objects), isMarked }
}

describeBlobCatalogue('with marks', async () => {
  const { catalogue, objects, close } = await open()
  return { port: markCondemned(catalogue, objects), close, reopen: () => Promise.resolve() }
})

test('a blob is marked from its last reference on, until there is one again', async (t) => {
  const { blobs, isMarked } = await openStage(t)
  const blob = newBlob()
  const [one, two] = [newAttachmentId(), newAttachmentId()]
  await blobs.store(blob, one)
  assert.equal(await isMarked(blob.key), false)
  await blobs.addReference(blob.key, two)
  await blobs.removeReference(blob.key, one, 100)
  assert.equal(await isMarked(blob.key), false)
  await blobs.removeReference(blob.key, two, 200)
  assert.equal(await isMarked(blob.key), true)
  await blobs.addReference(blob.key, one)
  assert.equal(await isMarked(blob.key), false)
})

test('the same bytes brought once more take the mark away', async (t) => {
  const { blobs, isMarked } = await openStage(t)
  const blob = newBlob()
  const reference = newAttachmentId()
  await blobs.store(blob, reference)
  await blobs.removeReference(blob.key, reference, 100)
  const again = newBlob({ sha256: blob.sha256 })
  assert.equal((await blobs.store(again, newAttachmentId())).key, blob.key)
  assert.deepEqual([await isMarked(blob.key), await isMarked(again.key)], [false, false])
})

test('with the blob its mark goes', async (t) => {
  const { blobs, objects, isMarked } = await openStage(t)
  const blob = newBlob()
  const reference = newAttachmentId()
  await blobs.store(blob, reference)
  await blobs.removeReference(blob.key, reference, 100)
  assert.equal(await blobs.beginDeletion(blob.key, 200), true)
  assert.equal(await isMarked(blob.key), true)
  await blobs.remove(blob.key)
  assert.deepEqual(await objects.list('condemned/', { limit: 10 }), [])
})

test('a mark that could not be made is made when the removal is tried again', async (t) => {
  const { catalogue, objects, isMarked } = await openStage(t)
  let isAway = true
  const failing: Pick<ObjectStore, 'put' | 'remove'> = {
    put: async (...call) => {
      if (isAway) throw new Error('the store is away')
      return objects.put(...call)
    },
    remove: (keys) => objects.remove(keys),
  }
  const blobs = markCondemned(catalogue, failing)
  const blob = newBlob()
  const reference = newAttachmentId()
  await blobs.store(blob, reference)
  await assert.rejects(blobs.removeReference(blob.key, reference, 100), /is away/)
  isAway = false
  await blobs.removeReference(blob.key, reference, 200)
  assert.equal(await isMarked(blob.key), true)
})

test('who settles a mark while the blob is condemned leaves it marked', async (t) => {
  const { catalogue, objects, blobs, isMarked } = await openStage(t)
  const blob = newBlob()
  const reference = newAttachmentId()
  await blobs.store(blob, reference)
  let isFirst = true
  const read = async (key: BlobKey) => {
    const row = await catalogue.read(key)
    // Right after it was looked at.
    if (isFirst) await blobs.removeReference(key, reference, 100)
    isFirst = false
    return row
  }
  await settleMark({ blobs: { read }, objects }, blob.key)
  assert.equal(await isMarked(blob.key), true)
})

test('of many who refer and let go at once, the mark agrees with the last', async (t) => {
  const { blobs, isMarked } = await openStage(t)
  for (let round = 0; round < 20; round++) {
    const blob = newBlob()
    const references = [newAttachmentId(), newAttachmentId()]
    await blobs.store(blob, newAttachmentId())
    await Promise.all(
      references.map(async (reference) => {
        await blobs.addReference(blob.key, reference)
        await blobs.removeReference(blob.key, reference, round)
        if (round % 2 === 0) await blobs.addReference(blob.key, reference)
      }),
    )
    const row = await blobs.read(blob.key)
    assert.equal(await isMarked(blob.key), row?.state === 'condemned')
  }
})
