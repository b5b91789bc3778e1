import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ChatError, newAttachmentId, newConversationId, type UploadState } from '@satchel/protocol'
import { abortUpload } from '../../src/uploads/abort-upload.ts'
import { beginUpload } from '../../src/uploads/begin-upload.ts'
import { completeUpload } from '../../src/uploads/complete-upload.ts'
import { uploadStatus } from '../../src/uploads/read-upload.ts'
import { stampAttachments } from '../../src/uploads/stamp-attachments.ts'
import { uploadParts } from '../../src/uploads/upload-parts.ts'
import { directConversationId } from '../../src/direct-conversation-id.ts'
import { bytesOf } from '../support/bytes.ts'
import { userNamed } from '../support/chat-core-process.ts'
import { ALICE, BOB } from '../support/people.ts'
import { openUploadStage, type UploadStage } from './upload-stage.ts'

const MiB = 1024 * 1024

function openUploads({ deps }: UploadStage) {
  return Array.fromAsync(deps.uploadTarget.listOpen(Number.MAX_SAFE_INTEGER))
}

test('a small file is one PUT, a large one parts of five megabytes with addresses for the first', async (t) => {
  const stage = await openUploadStage(t)
  const small = await stage.begin({ sizeBytes: 8 * MiB })
  assert.deepEqual([small.partCount, small.partBytes, small.missingParts], [0, 0, [0]])
  assert.deepEqual(
    small.urls.map(({ part, sizeBytes }) => [part, sizeBytes]),
    [[0, 8 * MiB]],
  )
  const large = await stage.begin({ sizeBytes: 27 * MiB })
  assert.deepEqual([large.partCount, large.partBytes], [6, 5 * MiB])
  assert.deepEqual(large.missingParts, [1, 2, 3, 4, 5, 6])
  assert.deepEqual(
    large.urls.map(({ part }) => part),
    [1, 2, 3, 4],
  )
  const rest = await uploadParts(stage.deps, ALICE, large.attachmentId, [5, 6])
  assert.deepEqual(
    rest.urls.map(({ part, sizeBytes }) => [part, sizeBytes]),
    [
      [5, 5 * MiB],
      [6, 2 * MiB],
    ],
  )
})

test('what policy refuses is refused before anything is made, each with its own code', async (t) => {
  const stage = await openUploadStage(t, {
    maxBytes: 100,
    refusedTypes: ['video/*', 'application/x-msdownload'],
    bytesPerUserAndDay: 250,
    maxPending: 3,
  })
  const stranger = newConversationId('group')
  await assert.rejects(stage.begin({ conversationId: stranger }), { code: 'not_a_member' })
  await assert.rejects(
    beginUpload(stage.deps, BOB, {
      attachmentId: newAttachmentId(),
      conversationId: stage.conversationId,
      name: 'x',
      sizeBytes: 1,
      contentType: 'image/png',
    }),
    { code: 'not_a_member' },
  )
  for (const contentType of ['video/mp4', 'APPLICATION/X-MSDOWNLOAD; charset=x']) {
    await assert.rejects(stage.begin({ contentType }), { code: 'type_not_allowed' })
  }
  await assert.rejects(stage.begin({ sizeBytes: 101 }), {
    code: 'too_large',
    details: { limit: 100, field: 'sizeBytes' },
  })
  await assert.rejects(stage.begin({ conversationId: stage.conversationId, to: BOB }), {
    code: 'bad_request',
  })
  await assert.rejects(stage.begin({ conversationId: undefined, to: ALICE }), {
    code: 'bad_request',
  })
  await stage.begin({ sizeBytes: 100 })
  await stage.begin({ sizeBytes: 100 })
  await assert.rejects(stage.begin({ sizeBytes: 100 }), (error: Error & { details: object }) => {
    assert.equal('code' in error && error.code, 'quota_exceeded')
    const { limit, remaining, retryAfterMs } = error.details as Record<string, number>
    assert.deepEqual([limit, remaining], [250, 50])
    assert.ok(retryAfterMs! > 0)
    return true
  })
  await stage.begin({ sizeBytes: 10 })
  await assert.rejects(stage.begin({ sizeBytes: 10 }), {
    code: 'too_many_uploads',
    details: { limit: 3, remaining: 0 },
  })
  // What was refused for want of a place has not used up the quota.
  const left = await stage.deps.quotas.take(`upload-bytes:${ALICE}`, 40, {
    limit: 250,
    windowMs: 24 * 3_600_000,
  })
  assert.equal(left.allowed, true)
  assert.equal((await openUploads(stage)).length, 3)
})

test('an upload may begin before the direct conversation it is for exists', async (t) => {
  const stage = await openUploadStage(t)
  const { attachmentId } = await stage.begin({ conversationId: undefined, to: BOB })
  const direct = directConversationId(ALICE, BOB)
  const [stamped] = await stampAttachments(stage.deps, ALICE, direct, [
    { id: attachmentId, alt: 'x' },
  ])
  assert.equal(stamped?.state, 'uploading')
  assert.equal(stamped.alt, 'x')
})

test('beginning again with the same id is the same upload, with fresh addresses', async (t) => {
  const stage = await openUploadStage(t)
  const attachmentId = newAttachmentId()
  const [one, two] = await Promise.all([
    stage.begin({ attachmentId }),
    stage.begin({ attachmentId }),
  ])
  stage.clock.advance(60_000)
  const three = await stage.begin({ attachmentId })
  assert.ok(three.urls[0]!.expiresAtMs > one.urls[0]!.expiresAtMs)
  await stage.put(two.urls[0], Buffer.from('hello'))
  const status = await uploadStatus(stage.deps, ALICE, attachmentId)
  assert.deepEqual(status.missingParts, [])
  assert.equal((await openUploads(stage)).length, 1)
  await assert.rejects(stage.begin({ attachmentId, sizeBytes: 6 }), { code: 'attachment_taken' })
})

test('another device sees what is missing and brings only that', async (t) => {
  const stage = await openUploadStage(t)
  const bytes = randomBytes(11 * MiB)
  const partOf = (part: number) => bytes.subarray((part - 1) * 5 * MiB, part * 5 * MiB)
  const begun = await stage.begin({ sizeBytes: bytes.length })
  await stage.put(begun.urls[1], partOf(2))
  const seen = await uploadStatus(stage.deps, ALICE, begun.attachmentId)
  assert.deepEqual(seen.missingParts, [1, 3])
  assert.deepEqual(
    seen.urls.map(({ part }) => part),
    [1, 3],
  )
  await assert.rejects(completeUpload(stage.deps, ALICE, begun.attachmentId), {
    code: 'parts_missing',
    details: { missingParts: [1, 3] },
  })
  const asked = await uploadParts(stage.deps, ALICE, begun.attachmentId, [1, 2, 3])
  assert.deepEqual(
    asked.urls.map(({ part }) => part),
    [1, 3],
  )
  for (const url of asked.urls) await stage.put(url, partOf(url.part))
  assert.equal((await completeUpload(stage.deps, ALICE, begun.attachmentId)).state, 'processing')
  const row = await stage.deps.attachments.read(begun.attachmentId)
  const object = await stage.deps.objects.read(row!.staging.key)
  assert.ok((await bytesOf(object!.body)).equals(bytes))
  await assert.rejects(uploadParts(stage.deps, ALICE, begun.attachmentId, [1]), {
    code: 'upload_state',
  })
})

test('parts that the upload does not have are refused', async (t) => {
  const stage = await openUploadStage(t)
  const { attachmentId } = await stage.begin()
  await assert.rejects(uploadParts(stage.deps, ALICE, attachmentId, [1]), { code: 'bad_request' })
})

test('nobody else may look at an upload, or do anything with it', async (t) => {
  const stage = await openUploadStage(t)
  const { attachmentId } = await stage.begin()
  const attempts = [
    uploadStatus(stage.deps, BOB, attachmentId),
    uploadParts(stage.deps, BOB, attachmentId, [0]),
    completeUpload(stage.deps, BOB, attachmentId),
    abortUpload(stage.deps, BOB, attachmentId),
    uploadStatus(stage.deps, ALICE, newAttachmentId()),
    stampAttachments(stage.deps, BOB, stage.conversationId, [{ id: attachmentId }]),
    stampAttachments(stage.deps, ALICE, newConversationId('group'), [{ id: attachmentId }]),
  ]
  for (const attempt of attempts) await assert.rejects(attempt, { code: 'no_such_attachment' })
  const twice = [{ id: attachmentId }, { id: attachmentId }]
  await assert.rejects(stampAttachments(stage.deps, ALICE, stage.conversationId, twice), {
    code: 'bad_request',
  })
})

test('of many that complete at once one does it, all get the state, one job comes of it', async (t) => {
  const stage = await openUploadStage(t)
  const { attachmentId, urls } = await stage.begin()
  await stage.put(urls[0], Buffer.from('hello'))
  const states = await Promise.all(
    Array.from({ length: 5 }, () => completeUpload(stage.deps, ALICE, attachmentId)),
  )
  const expected: Partial<UploadState> = { state: 'processing', version: 2 }
  for (const { state, version } of states) assert.deepEqual({ state, version }, expected)
  const ids: string[] = []
  const consumer = stage.deps.jobs.consume(
    'process_attachment',
    { concurrency: 9 },
    async (job) => {
      ids.push(job.id)
      return { kind: 'done' }
    },
  )
  const other = await stage.begin()
  await stage.put(other.urls[0], Buffer.from('hello'))
  await completeUpload(stage.deps, ALICE, other.attachmentId)
  await consumer.drain()
  assert.ok(ids.length >= 1)
  assert.equal(new Set(ids).size, ids.length)
})

test('an address is good for its part, its length and its time only', async (t) => {
  const stage = await openUploadStage(t)
  const { urls } = await stage.begin()
  const url = urls[0]!.url
  const hello = Buffer.from('hello')
  const tampered = [
    url.replace('/0?', '/1?'),
    url.replace('n=5', 'n=6'),
    url.replace(/e=\d+/, (expiry) => `${expiry}0`),
    url.replace(/s=./, (signature) => (signature === 's=A' ? 's=B' : 's=A')),
    url.replace(/&s=.*/, ''),
    `${url}&s=AAAA`,
    '/u/../../etc/passwd?e=1&n=5&s=AAAAAAAAAAAAAAAAAAAAAA',
    '/u/',
  ]
  for (const address of tampered) {
    await assert.rejects(stage.put({ url: address }, hello), { code: 'link_invalid' }, address)
  }
  await assert.rejects(stage.put({ url }, Buffer.from('too long')), { code: 'file_changed' })
  await assert.rejects(stage.put({ url }, Buffer.from('x')), { code: 'file_changed' })
  stage.clock.advance(stage.deps.settings.urlLifetimeMs)
  await assert.rejects(stage.put({ url }, hello), { code: 'link_expired' })
})

test('addresses die with the upload at the latest', async (t) => {
  const stage = await openUploadStage(t)
  const begun = await stage.begin()
  const endMs = stage.clock.nowMs() + stage.deps.settings.ageMs
  stage.clock.advance(stage.deps.settings.ageMs - 60_000)
  const { urls } = await uploadParts(stage.deps, ALICE, begun.attachmentId, [0])
  assert.equal(urls[0]?.expiresAtMs, endMs)
})

test('a part that is brought once more takes the place of the one on its way', async (t) => {
  const stage = await openUploadStage(t)
  const { attachmentId, urls } = await stage.begin({ sizeBytes: 5 })
  const [path = '', query = ''] = urls[0]!.url.split('?')
  const { receiver } = stage.deps.uploadTarget
  assert.ok(receiver)
  const receive = () =>
    receiver.receive(
      { path, query, contentLength: 5, nowMs: stage.clock.nowMs() },
      { pause: () => undefined, resume: () => undefined },
    )
  const first = receive()
  first.write(Buffer.from('hell'))
  const second = receive()
  await assert.rejects(first.done, { code: 'unavailable' })
  second.write(Buffer.from('hello'))
  second.end()
  await second.done
  assert.equal((await completeUpload(stage.deps, ALICE, attachmentId)).state, 'processing')
})

test('an upload aborted while a part is on its way is gone, and gives back what it took', async (t) => {
  const stage: UploadStage = await openUploadStage(t, { bytesPerUserAndDay: 10, maxPending: 1 })
  const { attachmentId, urls } = await stage.begin({ sizeBytes: 10 })
  const [path = '', query = ''] = urls[0]!.url.split('?')
  const { receiver } = stage.deps.uploadTarget
  assert.ok(receiver)
  const part = receiver.receive(
    { path, query, contentLength: 10, nowMs: stage.clock.nowMs() },
    { pause: () => undefined, resume: () => undefined },
  )
  part.write(Buffer.from('hello'))
  assert.equal((await abortUpload(stage.deps, ALICE, attachmentId)).state, 'expired')
  part.write(Buffer.from('world'))
  part.end()
  await assert.rejects(part.done, { code: 'upload_state' })
  assert.deepEqual(await openUploads(stage), [])
  assert.equal((await completeUpload(stage.deps, ALICE, attachmentId)).state, 'expired')
  assert.equal((await stage.begin({ sizeBytes: 10 })).state, 'uploading')
})

test('of eleven thousand that begin at once, everybody gets the ten they may have, and no room is lost', async (t) => {
  const stage = await openUploadStage(t)
  const uploaders = Array.from({ length: 1_000 }, (_, n) => userNamed(`uploader-${n}`))
  const refusals: unknown[] = []
  const begun = await Promise.all(
    uploaders.flatMap((uploader) =>
      Array.from({ length: 11 }, () =>
        beginUpload(stage.deps, uploader, {
          attachmentId: newAttachmentId(),
          to: ALICE,
          name: 'photo.jpg',
          sizeBytes: 5,
          contentType: 'image/jpeg',
        }).then(
          () => 1,
          (error: unknown) => {
            refusals.push(error)
            return 0
          },
        ),
      ),
    ),
  )
  assert.equal(begun.filter((one) => one === 1).length, 10_000)
  assert.ok(
    refusals.every((error) => error instanceof ChatError && error.code === 'too_many_uploads'),
  )
  assert.equal((await openUploads(stage)).length, 10_000)
})
