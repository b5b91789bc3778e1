import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  abortUpload,
  completeUpload,
  readUploadProgress,
  uploadParts,
  uploadStatus,
} from '@satchel/chat-core'
import { newAttachmentId } from '@satchel/protocol'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import { putPart } from '../../chat-core/test/support/put-part.ts'
import { MediaStage } from './support/media-stage.ts'
import { fourCorners } from './support/test-images.ts'

const HOUR_MS = 3_600_000

describe('the life of an attachment', () => {
  let stage: MediaStage
  let photo: Buffer
  before(async () => {
    stage = await MediaStage.open()
    photo = await fourCorners(400, 300)
  })
  after(() => stage.close())

  /** Bytes that no other test has. */
  async function newPhoto(): Promise<Buffer> {
    return Buffer.concat([photo, Buffer.from(newAttachmentId())])
  }
  async function blobOf(id: Parameters<MediaStage['row']>[0]) {
    const { blob } = await stage.row(id)
    assert.ok(blob)
    return blob
  }
  const isThere = async (key: string) => (await stage.backend.objects.head(key)) !== undefined

  test('a message may be sent before the bytes: readers learn of them as they are judged', async () => {
    const bytes = await newPhoto()
    const { attachmentId, urls } = await stage.begin({ bytes })
    const seq = await stage.send({ id: attachmentId, alt: 'a beach', spoiler: true })
    const sent = await stage.inMessage(seq, attachmentId)
    assert.equal(sent.state, 'uploading')
    assert.equal(sent.sizeBytes, bytes.length)
    assert.equal(sent.variants, undefined)
    await eventually(async () => assert.equal((await stage.row(attachmentId)).messageSeq, seq))
    const progress = await readUploadProgress(stage.uploads, stage.alice, attachmentId, 99)
    assert.deepEqual(progress, {
      conversationId: stage.group,
      attachmentId,
      sentBytes: 99,
      sizeBytes: bytes.length,
    })
    assert.equal(await readUploadProgress(stage.uploads, stage.bob, attachmentId, 99), undefined)
    await putPart(stage.backend.uploadTarget, urls[0]!, bytes, stage.clock.nowMs())
    await completeUpload(stage.uploads, stage.alice, attachmentId)
    const shown = await eventually(async () => {
      const attachment = await stage.inMessage(seq, attachmentId)
      assert.equal(attachment.state, 'ready')
      return attachment
    })
    assert.equal(shown.alt, 'a beach')
    assert.equal(shown.spoiler, true)
    assert.deepEqual([shown.width, shown.height], [400, 300])
    assert.ok(shown.version > sent.version)
    const updates = (await stage.events(seq)).filter(
      ({ content }) => content.kind === 'attachment_updated',
    )
    assert.equal(updates.length, 1)
  })

  test('a message sent when the bytes are ready says so itself, and nothing follows', async () => {
    const id = await stage.upload({ bytes: await newPhoto() })
    await stage.judged(id)
    const before = stage.results.length
    const seq = await stage.send({ id, caption: 'there' })
    assert.equal((await stage.inMessage(seq, id)).state, 'ready')
    await eventually(async () => assert.equal((await stage.row(id)).messageSeq, seq))
    // A later job of the same queue has gone through: the earlier one had its say.
    const next = await stage.upload({ bytes: await newPhoto() })
    await stage.judged(next)
    await stage.send({ id: next })
    await eventually(async () => assert.ok((await stage.row(next)).messageSeq))
    assert.equal(stage.results.length, before)
  })

  test('the first message gets the attachment, a second one is told it is taken', async () => {
    const id = await stage.upload({ bytes: await newPhoto() })
    await stage.judged(id)
    const first = await stage.send({ id })
    await eventually(async () => assert.equal((await stage.row(id)).messageSeq, first))
    const second = await stage.send({ id, alt: 'again' })
    const taken = await eventually(async () => {
      const attachment = await stage.inMessage(second, id)
      assert.equal(attachment.state, 'failed')
      return attachment
    })
    assert.equal(taken.reason, 'attachment_taken')
    assert.equal(taken.alt, 'again')
    assert.equal(taken.variants, undefined)
    assert.equal((await stage.inMessage(first, id)).state, 'ready')
    assert.deepEqual(await stage.link(stage.bob, second, id, 'w320'), {
      error: 'no_such_attachment',
    })
    assert.ok((await stage.link(stage.bob, first, id, 'w320')).url)
    // Deleting the message that never had it releases nothing.
    await stage.actor.ask(stage.group, { kind: 'delete_message', target: second })
    const other = await stage.upload({ bytes: await newPhoto() })
    const third = await stage.send({ id: other })
    await eventually(async () => assert.equal((await stage.row(other)).messageSeq, third))
    assert.equal((await stage.row(id)).detached, undefined)
  })

  test('deleting a message releases its bytes, which go after the grace; the same bytes elsewhere stay', async () => {
    const [bytes, shared] = [await newPhoto(), await newPhoto()]
    const [alone, together, kept] = [
      await stage.upload({ bytes }),
      await stage.upload({ bytes: shared }),
      await stage.upload({ bytes: shared }),
    ]
    const attachments = [alone, together, kept]
    for (const id of attachments) await stage.judged(id)
    assert.equal(await blobOf(together), await blobOf(kept))
    const gone = await stage.send({ id: alone }, { id: together })
    await stage.send({ id: kept })
    const aloneBlob = await blobOf(alone)
    const keptBlob = await blobOf(kept)
    const link = await stage.link(stage.bob, gone, alone, 'w320')
    await eventually(async () => {
      for (const id of attachments) assert.ok((await stage.row(id)).messageSeq)
    })
    await stage.actor.ask(stage.group, { kind: 'delete_message', target: gone })
    await eventually(async () => {
      for (const id of [alone, together]) assert.equal((await stage.row(id)).detached, true)
    })
    await eventually(async () =>
      assert.equal((await stage.backend.blobs.read(aloneBlob))?.state, 'condemned'),
    )
    assert.deepEqual(await stage.link(stage.bob, gone, alone, 'w320'), {
      error: 'no_such_attachment',
    })
    await stage.worker.upkeep()
    assert.ok(await isThere(`blob/${aloneBlob}`), 'within the grace')

    stage.clock.advance(stage.settings.graceMs)
    await stage.worker.upkeep()
    assert.equal(await stage.backend.blobs.read(aloneBlob), undefined)
    assert.equal(await isThere(`blob/${aloneBlob}`), false)
    assert.deepEqual(await stage.backend.objects.list(`derived/${aloneBlob}/`, { limit: 9 }), [])
    assert.equal(await stage.backend.attachments.read(alone), undefined)
    assert.equal((await stage.backend.blobs.read(keptBlob))?.state, 'live')
    assert.ok(await isThere(`blob/${keptBlob}`))
    await assert.rejects(stage.serve(link.url ?? ''), { code: 'link_expired' })
  })

  test('bytes condemned and brought again are kept, under whichever key', async () => {
    const bytes = await newPhoto()
    const first = await stage.upload({ bytes })
    await stage.judged(first)
    const seq = await stage.send({ id: first })
    await eventually(async () => assert.equal((await stage.row(first)).messageSeq, seq))
    const blob = await blobOf(first)
    await stage.actor.ask(stage.group, { kind: 'delete_message', target: seq })
    await eventually(async () =>
      assert.equal((await stage.backend.blobs.read(blob))?.state, 'condemned'),
    )
    const again = await stage.upload({ bytes })
    const judged = await stage.judged(again)
    stage.clock.advance(stage.settings.graceMs)
    // Still unattached after all that time: expiry is another test's affair.
    await stage.send({ id: again })
    await eventually(async () => assert.ok((await stage.row(again)).messageSeq))
    await stage.worker.upkeep()
    for (const served of (await stage.serveAll(judged)).values()) assert.ok(served.bytes.length > 0)
  })

  test('a message deleted while its bytes are on their way ends the upload', async () => {
    const bytes = await newPhoto()
    const { attachmentId, urls } = await stage.begin({ bytes })
    const seq = await stage.send({ id: attachmentId })
    await stage.actor.ask(stage.group, { kind: 'delete_message', target: seq })
    await eventually(async () => {
      stage.clock.advance(1_000)
      assert.equal((await stage.row(attachmentId)).detached, true)
    })
    await eventually(() =>
      assert.rejects(putPart(stage.backend.uploadTarget, urls[0]!, bytes, stage.clock.nowMs()), {
        code: 'upload_state',
      }),
    )
    const state = await completeUpload(stage.uploads, stage.alice, attachmentId)
    assert.equal(state.state, 'expired')
  })

  test('deleting a conversation releases everything in it, sent or not', async () => {
    const trip = await stage.actor.createGroup('bob')
    const [sent, unsent] = [
      await stage.upload({ bytes: await newPhoto() }, trip),
      await stage.upload({ bytes: await newPhoto() }, trip),
    ]
    for (const id of [sent, unsent]) await stage.judged(id)
    await stage.actor.ask(trip, {
      kind: 'send_message',
      text: 'x',
      attachments: [{ id: sent }],
    })
    await stage.actor.ask(trip, { kind: 'delete_conversation' })
    for (const id of [sent, unsent]) {
      const blob = await blobOf(id)
      await eventually(async () =>
        assert.equal((await stage.backend.blobs.read(blob))?.state, 'condemned'),
      )
    }
  })

  test('an upload nobody comes back to expires after two hours, one that is touched lives on', async () => {
    const bytes = await newPhoto()
    const [left, touched, asked, visited] = [
      await stage.begin({ bytes }),
      await stage.begin({ bytes }),
      await stage.begin({ bytes }),
      await stage.begin({ bytes }),
    ]
    const seq = await stage.send({ id: left.attachmentId })
    await eventually(async () => assert.ok((await stage.row(left.attachmentId)).messageSeq))
    stage.clock.advance(HOUR_MS)
    await uploadParts(stage.uploads, stage.alice, touched.attachmentId, [0])
    await uploadStatus(stage.uploads, stage.alice, asked.attachmentId)
    stage.clock.advance(HOUR_MS)
    await stage.worker.upkeep()
    assert.equal((await stage.row(left.attachmentId)).state, 'expired')
    assert.equal((await stage.row(visited.attachmentId)).state, 'expired')
    assert.equal((await stage.row(touched.attachmentId)).state, 'uploading')
    assert.equal((await stage.row(asked.attachmentId)).state, 'uploading')
    await eventually(async () => {
      const attachment = await stage.inMessage(seq, left.attachmentId)
      assert.equal(attachment.state, 'expired')
      assert.equal(attachment.reason, 'abandoned')
    })
    const status = await uploadStatus(stage.uploads, stage.alice, left.attachmentId)
    assert.deepEqual([status.state, status.urls], ['expired', []])
    stage.clock.advance(HOUR_MS)
    await stage.worker.upkeep()
    assert.equal((await stage.row(touched.attachmentId)).state, 'expired')
  })

  test('an upload kept alive for a day expires all the same', async () => {
    const { attachmentId } = await stage.begin({ bytes: await newPhoto() })
    for (let hour = 0; hour < 23; hour++) {
      stage.clock.advance(HOUR_MS)
      await uploadParts(stage.uploads, stage.alice, attachmentId, [0])
      await stage.worker.upkeep()
    }
    assert.equal((await stage.row(attachmentId)).state, 'uploading')
    stage.clock.advance(HOUR_MS)
    await stage.worker.upkeep()
    assert.equal((await stage.row(attachmentId)).state, 'expired')
  })

  test('a file that is in no message after a day is released; one in a message stays', async () => {
    const [unsent, sent] = [
      await stage.upload({ bytes: await newPhoto() }),
      await stage.upload({ bytes: await newPhoto() }),
    ]
    for (const id of [unsent, sent]) await stage.judged(id)
    await stage.send({ id: sent })
    await eventually(async () => assert.ok((await stage.row(sent)).messageSeq))
    const blob = await blobOf(unsent)
    stage.clock.advance(stage.settings.unattachedMs)
    await stage.worker.upkeep()
    assert.equal((await stage.row(unsent)).state, 'expired')
    assert.equal((await stage.backend.blobs.read(blob))?.state, 'condemned')
    assert.equal((await stage.row(sent)).state, 'ready')
    const late = await stage.send({ id: unsent })
    assert.equal((await stage.inMessage(late, unsent)).state, 'expired')
    stage.clock.advance(stage.settings.graceMs)
    await stage.worker.upkeep()
    assert.equal(await isThere(`blob/${blob}`), false)
    assert.equal((await stage.row(sent)).state, 'ready')
  })

  test('an aborted upload is gone for good, and its message says so', async () => {
    const bytes = await newPhoto()
    const { attachmentId, urls } = await stage.begin({ bytes })
    const seq = await stage.send({ id: attachmentId })
    await eventually(async () => assert.ok((await stage.row(attachmentId)).messageSeq))
    const deps = {
      ...stage.uploads,
      ...stage.backend,
      submitResult: stage.submit,
      clock: stage.clock,
    }
    assert.equal((await abortUpload(deps, stage.alice, attachmentId)).state, 'expired')
    assert.equal((await abortUpload(deps, stage.alice, attachmentId)).state, 'expired')
    await assert.rejects(
      putPart(stage.backend.uploadTarget, urls[0]!, bytes, stage.clock.nowMs()),
      { code: 'upload_state' },
    )
    const { state } = await completeUpload(stage.uploads, stage.alice, attachmentId)
    assert.equal(state, 'expired')
    assert.equal((await stage.inMessage(seq, attachmentId)).reason, 'aborted')
    const whole = await stage.upload({ bytes })
    await assert.rejects(abortUpload(deps, stage.alice, whole), { code: 'upload_state' })
  })

  test('room made for an upload that never got a row is freed', async () => {
    const { uploadTarget } = stage.backend
    const upload = {
      key: `staging/20270101/00/${newAttachmentId()}`,
      sizeBytes: 1,
      partCount: 0,
      partBytes: 0,
    }
    const targetId = await uploadTarget.open(upload)
    await stage.worker.upkeep()
    const open = async () => {
      const uploads = await Array.fromAsync(uploadTarget.listOpen(Number.MAX_SAFE_INTEGER))
      return uploads.map((one) => one.targetId)
    }
    assert.ok((await open()).includes(targetId))
    stage.clock.advance(stage.settings.ageMs + 1)
    await stage.worker.upkeep()
    assert.ok(!(await open()).includes(targetId))
  })

  test('a job that was lost is asked for again', async () => {
    const bytes = await newPhoto()
    const { attachmentId, urls } = await stage.begin({ bytes })
    await putPart(stage.backend.uploadTarget, urls[0]!, bytes, stage.clock.nowMs())
    const lost = { ...stage.backend.jobs, enqueue: async () => undefined }
    await completeUpload({ ...stage.uploads, jobs: lost }, stage.alice, attachmentId)
    stage.clock.advance(stage.settings.stuckMs)
    await stage.worker.upkeep()
    assert.equal((await stage.judged(attachmentId)).state, 'ready')
  })

  test('links are for those who may read the message, and only for what is there', async () => {
    const id = await stage.upload({ bytes: await newPhoto() })
    await stage.judged(id)
    const seq = await stage.send({ id })
    const carol = stage.actorNamed('carol')
    assert.deepEqual(await stage.link(carol.userId, seq, id, 'w320'), { error: 'not_a_member' })
    assert.deepEqual(await stage.link(stage.bob, seq, id, 'w9'), { error: 'no_such_attachment' })
    assert.deepEqual(await stage.link(stage.bob, seq, newAttachmentId(), 'w320'), {
      error: 'no_such_attachment',
    })
    const { url, expiresAtMs } = await stage.link(stage.bob, seq, id, 'download')
    assert.ok(url && expiresAtMs)
    const served = await stage.serve(url)
    // It is a PNG, whatever its sender called it.
    assert.match(served.headers['Content-Disposition'] ?? '', /attachment; filename="photo\.png"/)
    const pending = await stage.begin({ bytes: await newPhoto() })
    const before = await stage.send({ id: pending.attachmentId })
    assert.deepEqual(await stage.link(stage.bob, before, pending.attachmentId, 'w320'), {
      error: 'upload_state',
    })
    await stage.actor.ask(stage.group, { kind: 'add_members', userIds: [carol.userId] })
    assert.deepEqual(await stage.link(carol.userId, seq, id, 'w320'), {
      error: 'no_such_attachment',
    })
    await stage.actor.ask(stage.group, { kind: 'remove_member', userId: carol.userId })
    assert.deepEqual(await stage.link(carol.userId, seq, id, 'w320'), { error: 'not_a_member' })
  })
})
