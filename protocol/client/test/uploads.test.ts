import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '@satchel/protocol'
import type { UploadProgress } from '../src/index.ts'
import { createUploadScene, fileOf, textOf } from './support/upload-scene.ts'

const TEXT = 'The quick brown fox jumps over the lazy dog'

test('a file goes up in parts, three at a time, and its progress ends with the whole', async () => {
  const { alice, clock, id, objects } = await createUploadScene()
  const progress: UploadProgress[] = []
  const upload = alice.upload(fileOf(TEXT), {
    conversationId: id,
    onProgress: (step) => progress.push(step),
  })
  assert.equal(upload.status, 'starting')
  const state = await clock.until(upload.done)
  assert.equal(state.state, 'processing')
  assert.equal(upload.status, 'complete')
  assert.equal(textOf(objects.bytesOf(upload.id)), TEXT)
  assert.equal(objects.puts.length, Math.ceil(TEXT.length / 4))
  assert.equal(objects.maxConcurrent, 3)
  const sent = progress.map(({ sentBytes }) => sentBytes)
  assert.deepEqual(
    sent,
    [...sent].sort((a, b) => a - b),
  )
  assert.deepEqual(progress.at(-1), { sentBytes: TEXT.length, totalBytes: TEXT.length })
  assert.ok(objects.puts.every(({ url }) => url.startsWith('http://chat.example:7700/objects/')))
  alice.close()
})

test('a small file is one PUT of the whole', async () => {
  const { alice, clock, id, objects } = await createUploadScene()
  const upload = alice.upload(fileOf('fox'), { conversationId: id })
  await clock.until(upload.done)
  assert.deepEqual(
    objects.puts.map(({ url }) => new URL(url).pathname),
    [`/objects/${upload.id}/0`],
  )
  alice.close()
})

test('a message goes out as soon as the upload has begun, and what follows stays behind it', async () => {
  const { alice, clock, server, trip, objects } = await createUploadScene()
  objects.intercept = () => 503
  const upload = trip.upload(fileOf(TEXT))
  const withFile = trip.send({ text: 'Look!', attachments: [{ id: upload, alt: 'A fox' }] })
  const after = trip.send('after')
  const [pending] = trip.messages
  assert.equal(pending?.attachments[0]?.name, 'fox.txt')
  assert.equal(pending.attachments[0].sizeBytes, TEXT.length)
  assert.deepEqual(await Promise.all([withFile, after]), [{ seq: 2 }, { seq: 3 }])
  await clock.settle()
  assert.equal(upload.status, 'uploading')
  assert.equal(trip.messages[0]?.attachments[0]?.state, 'uploading')
  assert.equal(trip.messages[0].attachments[0].alt, 'A fox')
  const order = server.received.flatMap(({ type }) =>
    type === 'begin_upload' || type === 'command' ? [type] : [],
  )
  assert.deepEqual(order, ['begin_upload', 'command', 'command'])
  upload.cancel()
  alice.close()
})

test('a message whose upload is refused fails with the same code, and can be sent again', async () => {
  const { alice, clock, server, trip } = await createUploadScene()
  server.onRequest = ({ type }) =>
    type === 'begin_upload' ? new ChatError('type_not_allowed', 'no text files') : undefined
  const upload = trip.upload(fileOf('fox'))
  const refused = assert.rejects(trip.send({ attachments: [upload] }), { code: 'type_not_allowed' })
  await clock.settle()
  await refused
  assert.equal(upload.status, 'failed')
  assert.equal(upload.error?.code, 'type_not_allowed')
  const [failed] = trip.messages
  assert.equal(failed?.local?.state === 'failed' ? failed.local.code : '', 'type_not_allowed')
  server.onRequest = () => undefined
  assert.equal((await clock.until(trip.retry(failed?.key ?? ''))).seq, 2)
  await clock.until(upload.done)
  await clock.settle()
  assert.equal(trip.messages.length, 1)
  alice.close()
})

test('parts that fail are sent again with growing waits', async () => {
  const { alice, clock, id, objects } = await createUploadScene()
  const random = new Map<string, number>()
  objects.intercept = ({ part, attempt }) => {
    random.set(`${String(part)}.${String(attempt)}`, clock.now())
    if (part === 2 && attempt === 1) throw new TypeError('fetch failed')
    return part === 2 && attempt <= 5 ? 503 : undefined
  }
  const upload = alice.upload(fileOf(TEXT), { conversationId: id })
  await clock.until(upload.done)
  assert.equal(textOf(objects.bytesOf(upload.id)), TEXT)
  const times = [1, 2, 3, 4, 5, 6].map((attempt) => random.get(`2.${String(attempt)}`) ?? 0)
  assert.deepEqual(
    times.slice(1).map((time, index) => time - (times[index] ?? 0)),
    [500, 1_000, 2_000, 4_000, 8_000],
  )
  alice.close()
})

test('after eight tries of one part the upload has failed, and retry sends only what is missing', async () => {
  const { alice, clock, id, objects } = await createUploadScene()
  let isBroken = true
  let tries = 0
  objects.intercept = ({ part }) => {
    if (part !== 1 || !isBroken) return undefined
    tries++
    return 500
  }
  const upload = alice.upload(fileOf(TEXT), { conversationId: id })
  await assert.rejects(clock.until(upload.done), { code: 'unavailable' })
  assert.equal(tries, 8)
  assert.equal(upload.status, 'failed')
  isBroken = false
  const putsBefore = objects.puts.filter(({ status }) => status === 200).length
  upload.retry()
  await clock.until(upload.done)
  assert.equal(textOf(objects.bytesOf(upload.id)), TEXT)
  const putsAfter = objects.puts.filter(({ status }) => status === 200).length
  assert.equal(putsAfter, Math.ceil(TEXT.length / 4), 'no part went up twice')
  assert.ok(putsAfter > putsBefore)
  alice.close()
})

test('an expired URL is exchanged for a new one', async () => {
  const { alice, clock, server, id, objects } = await createUploadScene()
  // Refused by the store although the client's clock sees nothing wrong.
  objects.intercept = ({ part, attempt }) => (part === 1 && attempt === 1 ? 403 : undefined)
  const upload = alice.upload(fileOf(TEXT), { conversationId: id })
  await clock.until(upload.done)
  assert.ok(server.framesOf('upload_parts').some(({ parts }) => parts[0] === 1))
  assert.equal(textOf(objects.bytesOf(upload.id)), TEXT)
  alice.close()
})

test('a URL that is about to expire is not used any more', async () => {
  const { alice, clock, id, objects } = await createUploadScene()
  objects.urlsInPlan = 16
  let isDown = true
  objects.intercept = () => (isDown ? 503 : undefined)
  const upload = alice.upload(fileOf(TEXT), { conversationId: id })
  await clock.advance(31_000)
  isDown = false
  await clock.until(upload.done)
  const refused = objects.puts.filter(({ status }) => status === 403)
  assert.deepEqual(refused, [])
  assert.equal(textOf(objects.bytesOf(upload.id)), TEXT)
  alice.close()
})

test('parts that turn out to be missing at the end are sent again', async () => {
  const { alice, clock, id, objects } = await createUploadScene()
  // Answered 200 and lost.
  objects.intercept = ({ part, attempt }) => (part === 3 && attempt === 1 ? 200 : undefined)
  const upload = alice.upload(fileOf(TEXT), { conversationId: id })
  await clock.until(upload.done)
  assert.equal(textOf(objects.bytesOf(upload.id)), TEXT)
  alice.close()
})

test('cancelling stops the parts, tells the server, and fails the message that waits for it', async () => {
  const { alice, clock, trip, objects } = await createUploadScene()
  objects.intercept = () => 503
  const upload = trip.upload(fileOf(TEXT))
  const done = assert.rejects(upload.done, { code: 'upload_state' })
  const sending = assert.rejects(trip.send({ attachments: [upload] }), { code: 'upload_state' })
  upload.cancel()
  await clock.settle()
  await Promise.all([done, sending])
  assert.equal(upload.status, 'cancelled')
  const puts = objects.puts.length
  await clock.advance(60_000)
  assert.equal(objects.puts.length, puts, 'nothing is sent any more')
  assert.equal(objects.stateOf(upload.id), 'expired')
  alice.close()
})

test('an upload outlives a lost connection', async () => {
  const { alice, clock, network, id, objects } = await createUploadScene()
  const upload = alice.upload(fileOf(TEXT), { conversationId: id })
  network.isDown = true
  network.cutAll()
  await clock.advance(120_000)
  assert.equal(upload.status, 'starting')
  network.isDown = false
  await clock.until(upload.done)
  assert.equal(textOf(objects.bytesOf(upload.id)), TEXT)
  alice.close()
})

test('readers are told of the progress of an upload in a message, twice a second at most', async () => {
  const { alice, clock, server, trip, objects } = await createUploadScene()
  objects.intercept = ({ attempt }) => (attempt <= 3 ? 503 : undefined)
  const upload = trip.upload(fileOf(TEXT))
  await trip.send({ attachments: [upload] })
  const startMs = clock.now()
  await clock.until(upload.done)
  const signals = server.framesOf('upload_progress')
  assert.ok(signals.length >= 1)
  assert.ok(
    signals.length <= 2 + (clock.now() - startMs) / 500,
    `${String(signals.length)} signals`,
  )
  server.pushAll({
    type: 'upload_progress',
    conversationId: server.conversation(trip.id ?? raise()).id,
    attachmentId: upload.id,
    sentBytes: 7,
    sizeBytes: TEXT.length,
  })
  await clock.settle()
  assert.equal(trip.messages[0]?.attachments[0]?.sentBytes, 7)
  alice.close()
})

test('progress of an upload that is in no message is nobody else’s business', async () => {
  const { alice, clock, server, id } = await createUploadScene()
  const upload = alice.upload(fileOf(TEXT), { conversationId: id })
  await clock.until(upload.done)
  assert.equal(server.framesOf('upload_progress').length, 0)
  alice.close()
})

test('an upload for a person needs no conversation yet', async () => {
  const { alice, clock, server } = await createUploadScene()
  const toBob = alice.direct('bob')
  const upload = toBob.upload(fileOf('fox'))
  await toBob.send({ attachments: [upload] })
  await clock.until(upload.done)
  assert.equal(server.framesOf('begin_upload')[0]?.upload.to, 'bob')
  assert.throws(() => alice.upload(fileOf('fox'), {}), { code: 'bad_request' })
  alice.close()
})

function raise(): never {
  throw new Error('missing')
}

test('promises of a try settle with it, also when it is tried again as soon as it fails', async () => {
  const { alice, clock, id, objects } = await createUploadScene()
  objects.intercept = () => 403
  const upload = alice.upload(fileOf(TEXT), { conversationId: id })
  const first = upload.done
  upload.on('change', ({ status }) => {
    if (status !== 'failed') return
    objects.intercept = () => undefined
    upload.retry()
  })
  await assert.rejects(clock.until(first), ChatError)
  assert.equal((await clock.until(upload.done)).state, 'processing')
  alice.close()
})
