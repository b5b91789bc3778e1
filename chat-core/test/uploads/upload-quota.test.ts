import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError, newAttachmentId } from '@satchel/protocol'
import { abortUpload } from '../../src/uploads/abort-upload.ts'
import { detach } from '../../src/uploads/detach-from-message.ts'
import { ALICE } from '../support/people.ts'
import { openUploadStage } from './upload-stage.ts'

const DAY_MS = 24 * 3_600_000

test('files are counted as well as bytes, and a refusal says how many there may be', async (t) => {
  const stage = await openUploadStage(t, { filesPerUserAndDay: 3, maxPending: 10 })
  for (let file = 0; file < 3; file++) await stage.begin({ sizeBytes: 1 })
  await assert.rejects(stage.begin({ sizeBytes: 1 }), (error) => {
    assert.ok(error instanceof Error && 'code' in error && 'details' in error)
    assert.equal(error.code, 'quota_exceeded')
    const { limit, remaining, retryAfterMs } = error.details as Record<string, number>
    assert.deepEqual([limit, remaining], [3, 0])
    assert.ok(retryAfterMs! > 0)
    return true
  })
  stage.clock.advance(2 * DAY_MS)
  await stage.begin({ sizeBytes: 1 })
})

test('a file refused for its bytes does not count as a file', async (t) => {
  const stage = await openUploadStage(t, { filesPerUserAndDay: 2, bytesPerUserAndDay: 100 })
  for (let time = 0; time < 5; time++)
    await assert.rejects(stage.begin({ sizeBytes: 101 }), { code: 'quota_exceeded' })
  await stage.begin({ sizeBytes: 50 })
  await stage.begin({ sizeBytes: 50 })
  await assert.rejects(stage.begin({ sizeBytes: 0 }), { code: 'quota_exceeded' })
})

test('an upload that was aborted gives back its bytes, once; as a file it counts, or nothing would end it', async (t) => {
  const stage = await openUploadStage(t, { filesPerUserAndDay: 4, bytesPerUserAndDay: 100 })
  const deps = { ...stage.deps, ...stage.backend, clock: stage.clock }
  for (let time = 0; time < 3; time++) {
    const { attachmentId } = await stage.begin({ sizeBytes: 100 })
    await abortUpload(deps, ALICE, attachmentId)
    await abortUpload(deps, ALICE, attachmentId)
  }
  await stage.begin({ sizeBytes: 100 })
  await assert.rejects(stage.begin({ sizeBytes: 0 }), { code: 'quota_exceeded' })
})

test('an upload that ends with its message gives back what it took', async (t) => {
  const stage = await openUploadStage(t, { filesPerUserAndDay: 1, bytesPerUserAndDay: 100 })
  const deps = { ...stage.deps, ...stage.backend, clock: stage.clock }
  for (let time = 0; time < 3; time++) {
    const { attachmentId } = await stage.begin({ sizeBytes: 100 })
    await detach(deps, attachmentId)
    await detach(deps, attachmentId)
  }
  await stage.begin({ sizeBytes: 100 })
  await assert.rejects(stage.begin({ sizeBytes: 0 }), { code: 'quota_exceeded' })
})

const isAway = () => Promise.reject(new ChatError('unavailable', 'the store is away'))

test('an upload aborted while the store is away gives back its bytes, once', async (t) => {
  const stage = await openUploadStage(t, { filesPerUserAndDay: 2, bytesPerUserAndDay: 100 })
  const uploadTarget = { ...stage.deps.uploadTarget, abort: isAway }
  const { attachmentId } = await stage.begin({ sizeBytes: 100 })
  const deps = { ...stage.deps, uploadTarget }
  await assert.rejects(abortUpload(deps, ALICE, attachmentId), { code: 'unavailable' })
  await abortUpload(stage.deps, ALICE, attachmentId)
  await stage.begin({ sizeBytes: 100 })
  await assert.rejects(stage.begin({ sizeBytes: 0 }), { code: 'quota_exceeded' })
})

test('beginning while the store makes no room uses up nothing', async (t) => {
  const stage = await openUploadStage(t, { filesPerUserAndDay: 1, bytesPerUserAndDay: 100 })
  const about = { attachmentId: newAttachmentId(), sizeBytes: 100 }
  for (let time = 0; time < 3; time++)
    await assert.rejects(stage.begin(about, { open: isAway }), { code: 'unavailable' })
  await stage.begin(about)
})

test('beginning again while the store does not tell how it stands uses up nothing', async (t) => {
  const stage = await openUploadStage(t, {
    filesPerUserAndDay: 2,
    bytesPerUserAndDay: 100,
    maxPending: 1,
  })
  const about = { attachmentId: newAttachmentId(), sizeBytes: 50 }
  await stage.begin(about)
  const failing = { abort: isAway, received: isAway }
  for (let time = 0; time < 3; time++) {
    await assert.rejects(stage.begin(about, failing), { code: 'unavailable' })
    await assert.rejects(stage.begin({ sizeBytes: 50 }, failing), { code: 'too_many_uploads' })
  }
  await abortUpload(stage.deps, ALICE, about.attachmentId)
  await stage.begin({ sizeBytes: 100 })
})
