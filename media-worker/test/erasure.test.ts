import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { runConversationJob } from '@satchel/chat-core'
import type { Seq } from '@satchel/protocol'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import { MediaStage, type MediaStageOptions } from './support/media-stage.ts'
import { fourCorners } from './support/test-images.ts'

const MESSAGES = 130

async function openStage(test: TestContext, options?: MediaStageOptions): Promise<MediaStage> {
  const stage = await MediaStage.open({ ffmpegPath: '/nowhere/ffmpeg', ...options })
  test.after(() => stage.close())
  return stage
}

/** Bob's words and a photo of his among what alice said; gives the photo and where it is. */
async function talk(stage: MediaStage) {
  const bob = stage.actorNamed('bob')
  const id = await stage.upload({ bytes: await fourCorners(40, 30), by: stage.bob })
  await stage.judged(id)
  const send = { kind: 'send_message', text: 'mine', attachments: [{ id }] } as const
  const { seq: photo } = await bob.ask(stage.group, send)
  assert.ok(photo)
  await eventually(async () => assert.equal((await stage.row(id)).messageSeq, photo))
  for (let n = 0; n < MESSAGES; n++) {
    await bob.say(stage.group, `bob ${n}`)
    if (n % 10 === 0) await stage.actor.say(stage.group, `alice ${n}`)
  }
  return { id, photo }
}

async function erase(stage: MediaStage): Promise<Seq> {
  const { seq } = await stage.submitter.report({
    conversationId: stage.group,
    authorId: stage.bob,
    content: { kind: 'erase_user', userId: stage.bob },
  })
  assert.ok(seq)
  return seq
}

/** The texts one author is shown with, in order. */
async function textsOf(stage: MediaStage, authorId: string) {
  const texts: (string | undefined)[] = []
  for (let after = 0; ;) {
    const events = await stage.events(after)
    for (const event of events) {
      if (event.authorId === authorId && event.content.kind === 'message_sent')
        texts.push(event.content.body.text)
    }
    const last = events.at(-1)
    if (last === undefined) return texts
    after = last.seq
  }
}

test('where the setting says so, an erased user’s messages and files go, and nobody else’s', async (t) => {
  const stage = await openStage(t)
  const { id, photo } = await talk(stage)
  const { blob } = await stage.row(id)
  const alices = await textsOf(stage, 'alice')
  const erasedAt = await erase(stage)
  await stage.actor.ask(stage.group, { kind: 'add_members', userIds: [stage.bob] })
  await stage.actorNamed('bob').say(stage.group, 'here again')
  await eventually(async () => {
    const texts = await textsOf(stage, 'bob')
    assert.equal(texts.length, MESSAGES + 2)
    assert.deepEqual(texts.filter(Boolean), ['here again'])
  })
  assert.deepEqual(await textsOf(stage, 'alice'), alices)
  await eventually(async () =>
    assert.equal((await stage.backend.blobs.read(blob!))?.state, 'condemned'),
  )
  assert.deepEqual(await stage.link(stage.alice, photo, id, 'w320'), {
    error: 'no_such_attachment',
  })

  // The same job again finds nothing left to do.
  const head = await stage.backend.heads.read([stage.group])
  const deps = { ...stage.uploads, ...stage.backend, submitResult: stage.submit }
  const job = { kind: 'erase_user', conversationId: stage.group, userId: stage.bob } as const
  const submitBlanking = () => Promise.reject(new Error('blanked twice'))
  await runConversationJob(
    { ...deps, submitBlanking },
    { ...job, seq: erasedAt, blankMessages: true },
  )
  assert.deepEqual(await stage.backend.heads.read([stage.group]), head)
})

test('the record of an erasure says when the last conversation is done, over a worker that stops', async (t) => {
  const stage = await openStage(t)
  const { erasures } = stage.backend
  const erasure = { userId: stage.bob, askedMs: stage.clock.nowMs(), askedBy: 'a1b2' }
  await erasures.begin(erasure)
  await erasures.expect(erasure, [stage.group])
  await stage.worker.close()
  await erase(stage)
  await erasures.expectNoMore(erasure, stage.clock.nowMs())
  assert.equal((await erasures.read(stage.bob))?.finishedMs, undefined)
  await stage.restartWorker()
  await eventually(() => {
    assert.ok(stage.told.some(({ what }) => what === 'userErased'))
  })
  const record = await erasures.read(stage.bob)
  assert.deepEqual(record?.conversations, { total: 1, done: 1 })
  assert.equal(record.finishedMs, stage.clock.nowMs())
})

test('where messages stay, an erased user’s files go all the same, and their messages show it', async (t) => {
  const stage = await openStage(t, { eraseBlanksMessages: false })
  const { id, photo } = await talk(stage)
  const { blob } = await stage.row(id)
  await erase(stage)
  await eventually(async () => {
    const shown = await stage.inMessage(photo, id)
    assert.deepEqual([shown.state, shown.reason], ['expired', 'deleted'])
    assert.equal(shown.blob, undefined)
  })
  assert.equal((await stage.backend.blobs.read(blob!))?.state, 'condemned')
  assert.deepEqual(await stage.link(stage.alice, photo, id, 'w320'), {
    error: 'no_such_attachment',
  })
  const texts = await textsOf(stage, 'bob')
  assert.equal(texts.filter(Boolean).length, MESSAGES + 1)
})
