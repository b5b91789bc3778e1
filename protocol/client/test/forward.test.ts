import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '@satchel/protocol'
import { createMemoryStorage } from '../src/index.ts'
import type { Message, OutboxStorage } from '../src/index.ts'
import { createTestBench } from './support/test-bench.ts'
import { fileOf } from './support/upload-scene.ts'

const WORDS = { alt: 'A fox', caption: 'In the woods', spoiler: true }

/** Alice, in two groups; in the first one is a message of hers with a file. */
async function createScene(storage: OutboxStorage = createMemoryStorage()) {
  const bench = createTestBench()
  const { client, clock, group, server } = bench
  const [from, to] = [group(['alice', 'bob']), group(['alice', 'carol'])]
  const alice = client('alice', { storage })
  await clock.until(alice.connect())
  const upload = alice.conversation(from.id).upload(fileOf('fox'))
  await clock.until(upload.done)
  server.uploads.finish(upload.id)
  const attachments = [{ id: upload, ...WORDS }]
  await clock.until(alice.conversation(from.id).send({ text: 'Look!', attachments }))
  await clock.settle()
  const [message] = alice.conversation(from.id).messages
  assert.ok(message)
  return { ...bench, storage, alice, message, target: alice.conversation(to.id), to, upload }
}

function forwardsOf({ server }: Pick<Awaited<ReturnType<typeof createScene>>, 'server'>) {
  return server.framesOf('forward_attachment').map(({ forward }) => forward.attachmentId)
}

function sentTo({ to }: Pick<Awaited<ReturnType<typeof createScene>>, 'to'>) {
  return to.events.flatMap(({ content }) => (content.kind === 'message_sent' ? [content] : []))
}

test('a forwarded message has the words and the files of the first, and is an own one', async () => {
  const scene = await createScene()
  const { alice, clock, message, target, upload } = scene
  const forwarding = target.forward(message)
  const [shown] = target.messages
  assert.equal(shown?.local?.state, 'pending')
  assert.equal(shown.attachments[0]?.id, upload.id, 'until it has arrived it shows the first one')
  await clock.until(forwarding)
  await clock.settle()
  const [arrived] = target.messages
  const [attachment] = arrived?.attachments ?? []
  assert.equal(arrived?.text, 'Look!')
  assert.equal(arrived.local, undefined)
  assert.equal(attachment?.state, 'ready')
  assert.equal(attachment.name, 'fox.txt')
  assert.partialDeepStrictEqual(attachment, WORDS)
  assert.deepEqual(forwardsOf(scene), [attachment.id])
  alice.close()
})

test('a forward whose answers are lost is made once', async () => {
  const scene = await createScene()
  const { alice, clock, message, network, server, target } = scene
  server.judge = () => ({ kind: 'lose' })
  const forwarding = target.forward(message)
  await clock.settle()
  network.cutAll()
  server.judge = () => ({ kind: 'apply' })
  await clock.until(forwarding)
  assert.equal(sentTo(scene).length, 1)
  assert.equal(new Set(forwardsOf(scene)).size, 1, 'asked again with the same id')
  alice.close()
})

test('a forward that a reload interrupts goes on, with the same attachment', async () => {
  const scene = await createScene()
  const { client, clock, message, server, storage, target } = scene
  // The forwarding is done, its message gets nowhere.
  server.onRequest = ({ type }) =>
    type === 'command' ? new ChatError('unavailable', 'away') : undefined
  const lost = assert.rejects(target.forward(message), { code: 'unavailable' })
  await clock.settle()
  assert.equal(forwardsOf(scene).length, 1)
  scene.alice.close()
  await lost
  assert.equal(sentTo(scene).length, 0)

  server.onRequest = () => undefined
  const again = client('alice', { storage })
  await clock.until(again.connect())
  await clock.settle()
  assert.equal(sentTo(scene).length, 1)
  assert.equal(new Set(forwardsOf(scene)).size, 1)
  assert.equal(sentTo(scene)[0]?.attachments?.[0]?.id, forwardsOf(scene)[0])
  const left = (await storage.acquire()).filter(({ key }) => key.startsWith('command/'))
  assert.deepEqual(left, [], 'nothing is kept')
  again.close()
})

test('a forward that was not sent for so long that its file is gone fails its message, and is not sent', async () => {
  const scene = await createScene()
  const { alice, clock, message, server, target } = scene
  server.onRequest = ({ type }) =>
    type === 'command' ? new ChatError('unavailable', 'away') : undefined
  const failing = assert.rejects(target.forward(message), { code: 'unavailable' })
  await clock.settle()
  const [id] = forwardsOf(scene)
  assert.ok(id)
  alice.close()
  await failing
  server.uploads.abort(id)
  server.onRequest = () => undefined
  const again = scene.client('alice', { storage: scene.storage })
  await clock.until(again.connect())
  await clock.settle()
  assert.equal(sentTo(scene).length, 0)
  assert.deepEqual(forwardsOf(scene), [id, id])
  again.close()
})

test('messages whose files are forwarded wait for one another, in one line', async () => {
  const scene = await createScene()
  const { alice, clock, message, server, target } = scene
  server.onRequest = ({ type }) =>
    type === 'forward_attachment' ? new ChatError('unavailable', 'away') : undefined
  const forwarding = Promise.all([target.forward(message), target.forward(message)])
  await clock.settle()
  assert.equal(new Set(forwardsOf(scene)).size, 1)
  server.onRequest = () => undefined
  await clock.until(forwarding)
  assert.equal(sentTo(scene).length, 2)
  assert.equal(new Set(forwardsOf(scene)).size, 2)
  alice.close()
})

test('a source that is gone fails the message, which holds nothing else up and can be tried again', async () => {
  const scene = await createScene()
  const { alice, clock, message, server, target, upload } = scene
  server.uploads.remove(upload.id)
  const failing = assert.rejects(clock.until(target.forward(message)), {
    code: 'no_such_attachment',
  })
  await clock.until(target.send('after'))
  await failing
  const failed = target.messages.find(({ local }) => local?.state === 'failed')
  assert.equal(failed?.text, 'Look!')
  await assert.rejects(clock.until(target.retry(failed.key)), { code: 'no_such_attachment' })
  assert.equal(new Set(forwardsOf(scene)).size, 1)
  alice.close()
})

test('only what is ready is forwarded, and a message that is on its way not at all', async () => {
  const scene = await createScene()
  const { alice, clock, message, target } = scene
  const rejected: Message = {
    ...message,
    attachments: message.attachments.map((one) => ({ ...one, state: 'rejected' as const })),
  }
  await clock.until(target.forward(rejected))
  assert.deepEqual(forwardsOf(scene), [])
  assert.equal(sentTo(scene)[0]?.attachments, undefined)
  const unsent: Message = {
    ...message,
    attachments: message.attachments.map((one) => ({ ...one, seq: undefined })),
  }
  await assert.rejects(target.forward(unsent), { code: 'no_such_attachment' })
  alice.close()
})
