import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import {
  forwardAttachment,
  requireMessageAttachment,
  stampAttachments,
  type ForwardDeps,
} from '@satchel/chat-core'
import { newAttachmentId, type ForwardAttachment, type UserId } from '@satchel/protocol'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import { requireProgram } from '../../scripts/programs.mjs'
import { MediaStage } from './support/media-stage.ts'
import { fourCorners } from './support/test-images.ts'
import { FfmpegStudio } from './support/test-videos.ts'

async function openStage(t: TestContext, settings = {}): Promise<MediaStage> {
  const stage = await MediaStage.open({ settings })
  t.after(() => stage.close())
  return stage
}

function forward(stage: MediaStage, userId: UserId, request: ForwardAttachment) {
  const { backend, uploads } = stage
  const deps: ForwardDeps = {
    ...uploads,
    blobs: backend.blobs,
    requireSource: async (reader, from) =>
      requireMessageAttachment(
        backend,
        from,
        (await stage.linkDeps().readerOf(reader, from.conversationId)).hiddenUpTo,
      ),
  }
  return forwardAttachment(deps, userId, request)
}

/** Alice's photo in the group of her and bob. */
async function sendPhoto(stage: MediaStage) {
  const attachmentId = await stage.upload({ bytes: await fourCorners(60, 40) })
  await stage.judged(attachmentId)
  const seq = await stage.send({ id: attachmentId })
  await eventually(async () => assert.equal((await stage.row(attachmentId)).messageSeq, seq))
  const { blob } = await stage.row(attachmentId)
  assert.ok(blob)
  return { from: { conversationId: stage.group, seq, attachmentId }, blob }
}

describe('forwarding', { concurrency: 2 }, () => {
  test('a forwarded file is ready at once, and outlives the message it came from', async (t) => {
    const stage = await openStage(t)
    const { from, blob } = await sendPhoto(stage)
    const bob = stage.actorNamed('bob')
    const elsewhere = await bob.createGroup('carol')
    const attachmentId = newAttachmentId()
    const request = { attachmentId, from, conversationId: elsewhere }
    const [one, two] = await Promise.all([
      forward(stage, stage.bob, request),
      forward(stage, stage.bob, request),
    ])
    assert.equal(one.state, 'ready')
    assert.deepEqual(two, one)
    assert.deepEqual(await forward(stage, stage.bob, request), one)
    const [stamped] = await stampAttachments(stage.uploads, stage.bob, elsewhere, [
      { id: attachmentId },
    ])
    assert.equal(stamped?.blob, blob)
    const send = { kind: 'send_message', text: '', attachments: [{ id: attachmentId }] } as const
    const { seq } = await bob.ask(elsewhere, send)
    await eventually(async () => assert.equal((await stage.row(attachmentId)).messageSeq, seq))

    await stage.actor.ask(stage.group, { kind: 'delete_message', target: from.seq })
    await eventually(async () =>
      assert.equal(await stage.backend.catalogueWalk.isReferred(blob, from.attachmentId), false),
    )
    stage.clock.advance(stage.settings.graceMs)
    await stage.worker.upkeep()
    assert.equal((await stage.backend.blobs.read(blob))?.state, 'live')
    const shown = await stage.serveAll(stamped)
    assert.equal(shown.get('w320')?.status, 200)
    await assert.rejects(
      forward(stage, stage.bob, { ...request, attachmentId: newAttachmentId() }),
      {
        code: 'no_such_attachment',
      },
    )
  })

  test('only who may read the message forwards, only what is ready, and only to where they are', async (t) => {
    const stage = await openStage(t)
    const { from } = await sendPhoto(stage)
    const carol = stage.actorNamed('carol')
    const hers = await carol.createGroup('dave')
    const request = { attachmentId: newAttachmentId(), from, conversationId: hers }
    await assert.rejects(forward(stage, carol.userId, request), { code: 'not_a_member' })
    await assert.rejects(forward(stage, stage.bob, request), { code: 'not_a_member' })
    const other = { ...from, attachmentId: newAttachmentId() }
    const here = { ...request, conversationId: stage.group }
    await assert.rejects(forward(stage, stage.bob, { ...here, from: other }), {
      code: 'no_such_attachment',
    })
    const pending = await stage.begin({ bytes: Buffer.from('later') })
    const seq = await stage.send({ id: pending.attachmentId })
    const early = { ...from, seq, attachmentId: pending.attachmentId }
    await assert.rejects(forward(stage, stage.bob, { ...here, from: early }), {
      code: 'upload_state',
    })
    // Carol joins late: what was said before is not for her.
    await stage.actor.ask(stage.group, { kind: 'add_members', userIds: [carol.userId] })
    await assert.rejects(forward(stage, carol.userId, request), { code: 'no_such_attachment' })
    const taken = { ...here, attachmentId: from.attachmentId }
    await assert.rejects(forward(stage, stage.bob, taken), { code: 'attachment_taken' })
  })

  test('bytes that are being deleted are not forwarded, and a forward that nobody sends is let go', async (t) => {
    const stage = await openStage(t)
    const { from, blob } = await sendPhoto(stage)
    const { blobs } = stage.backend
    const request = { from, conversationId: stage.group }
    const unsent = newAttachmentId()
    await blobs.removeReference(blob, from.attachmentId, stage.clock.nowMs())
    assert.equal((await blobs.read(blob))?.state, 'condemned')
    await forward(stage, stage.bob, { ...request, attachmentId: unsent })
    assert.equal((await blobs.read(blob))?.state, 'live')
    stage.clock.advance(stage.settings.unattachedMs)
    await stage.worker.upkeep()
    assert.equal((await stage.row(unsent)).state, 'expired')
    assert.equal((await blobs.read(blob))?.state, 'condemned')
    assert.equal(await blobs.beginDeletion(blob, stage.clock.nowMs()), true)
    await assert.rejects(
      forward(stage, stage.bob, { ...request, attachmentId: newAttachmentId() }),
      {
        code: 'no_such_attachment',
      },
    )
  })

  test('forwarding counts as a file of the day, and nothing is counted for one that is refused', async (t) => {
    const stage = await openStage(t, { filesPerUserAndDay: 2 })
    const { from } = await sendPhoto(stage)
    const request = { from, conversationId: stage.group }
    const first = { ...request, attachmentId: newAttachmentId() }
    for (let time = 0; time < 3; time++) await forward(stage, stage.bob, first)
    await forward(stage, stage.bob, { ...request, attachmentId: newAttachmentId() })
    await assert.rejects(
      forward(stage, stage.bob, { ...request, attachmentId: newAttachmentId() }),
      {
        code: 'quota_exceeded',
      },
    )
  })

  test('a video forwarded before its HLS was made gets it as well', async (t) => {
    const program = requireProgram(t, 'ffmpeg')
    if (program === undefined) return
    const stage = await openStage(t)
    const size = { size: '160x90', seconds: 61 }
    const bytes = await new FfmpegStudio(program).phoneVideo('long.mp4', ['-r', '5'], size)
    const id = await stage.upload({ bytes, name: 'long.mp4', contentType: 'video/mp4' })
    await stage.judged(id)
    const seq = await stage.send({ id })
    const conversationId = await stage.actorNamed('bob').createGroup('carol')
    const from = { conversationId: stage.group, seq, attachmentId: id }
    const attachmentId = newAttachmentId()
    await forward(stage, stage.bob, { attachmentId, from, conversationId })
    await eventually(async () => {
      const { facts } = await stage.row(attachmentId)
      assert.ok(facts?.variants.some(({ name }) => name === 'hls'))
    }, 60_000)
  })
})
