import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryStorage } from '../src/index.ts'
import { createUploadScene, fileOf, textOf } from './support/upload-scene.ts'

const TEXT = 'The quick brown fox jumps over the lazy dog'

test('after a reload the pending upload is listed and goes on with what is missing', async () => {
  const { upload, after, clock, id, objects } = await leaveUpload(3)
  const [pending] = await after.pendingUploads()
  assert.equal(pending?.attachmentId, upload.id)
  assert.equal(pending.name, 'fox.txt')
  assert.deepEqual(pending.target, { conversationId: id })
  await assert.rejects(after.resumeUpload(pending.attachmentId, fileOf('another file')), {
    code: 'file_changed',
  })
  const putsBefore = objects.puts.length
  const resumed = await after.resumeUpload(pending.attachmentId, fileOf(TEXT))
  await clock.until(resumed.done)
  assert.equal(textOf(objects.bytesOf(upload.id)), TEXT)
  assert.equal(objects.puts.length - putsBefore, Math.ceil(TEXT.length / 4) - 3)
  assert.deepEqual(await after.pendingUploads(), [])
  after.close()
})

test('an upload whose beginning never reached the server begins when it is resumed', async () => {
  const storage = createMemoryStorage()
  const { alice, client, clock, network, id, objects } = await createUploadScene({ storage })
  network.isDown = true
  network.cutAll()
  await clock.settle()
  const upload = alice.upload(fileOf(TEXT), { conversationId: id })
  await clock.settle()
  alice.close()
  network.isDown = false
  const after = client('alice', { storage })
  await clock.until(after.connect())
  const resumed = await after.resumeUpload(upload.id, fileOf(TEXT))
  await clock.until(resumed.done)
  assert.equal(textOf(objects.bytesOf(upload.id)), TEXT)
  after.close()
})

test('an upload that was cancelled or is a day old is not listed', async () => {
  const storage = createMemoryStorage()
  const { alice, clock, id, objects } = await createUploadScene({ storage })
  objects.intercept = () => 503
  const cancelled = alice.upload(fileOf(TEXT), { conversationId: id })
  const old = alice.upload(fileOf(TEXT), { conversationId: id })
  await clock.settle()
  assert.equal((await alice.pendingUploads()).length, 2)
  cancelled.cancel()
  await clock.settle()
  assert.deepEqual(
    (await alice.pendingUploads()).map(({ attachmentId }) => attachmentId),
    [old.id],
  )
  await clock.advance(24 * 3_600_000 + 1)
  assert.deepEqual(await alice.pendingUploads(), [])
  alice.close()
})

test('an upload that is resumed twice at once goes on once', async () => {
  const { upload, after, clock, objects } = await leaveUpload(0)
  const putsBefore = objects.puts.length
  const resumed = await clock.until(
    Promise.all([1, 2].map(() => after.resumeUpload(upload.id, fileOf(TEXT)))),
  )
  assert.equal(resumed[0], resumed[1])
  await clock.until(Promise.all(resumed.map(({ done }) => done)))
  assert.equal(objects.puts.length - putsBefore, Math.ceil(TEXT.length / 4))
  after.close()
})

/** An upload of which so many parts had arrived when its page went, and the page after it. */
async function leaveUpload(parts: number) {
  const storage = createMemoryStorage()
  const { alice, client, clock, id, objects } = await createUploadScene({ storage })
  objects.intercept = ({ part }) => (part > parts ? 503 : undefined)
  const upload = alice.upload(fileOf(TEXT), { conversationId: id })
  await clock.advance(2_000)
  alice.close()
  await clock.settle()
  objects.intercept = () => undefined
  const after = client('alice', { storage })
  await clock.until(after.connect())
  return { upload, after, clock, id, objects }
}
