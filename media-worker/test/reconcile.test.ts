import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import { createSystemClock } from '@satchel/chat-core/runtime'
import { newAttachmentId, newBlobKey, type BlobKey } from '@satchel/protocol'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import { parseReconcileCommand } from '../src/reconcile/parse-reconcile-command.ts'
import { runReconcile, type RunReconcileDeps } from '../src/reconcile/run-reconcile.ts'
import { MediaStage } from './support/media-stage.ts'
import { fourCorners } from './support/test-images.ts'

interface Reconciled {
  readonly lines: readonly Record<string, unknown>[]
  readonly found: Readonly<Record<string, number>>
  readonly repairs: Readonly<Record<string, number>>
  readonly left: string
}

async function openStage(t: TestContext): Promise<MediaStage> {
  const stage = await MediaStage.open({ ffmpegPath: '/nowhere/ffmpeg' })
  t.after(() => stage.close())
  return stage
}

function depsOf(stage: MediaStage): RunReconcileDeps {
  return {
    ...stage.backend,
    clock: createSystemClock(),
    settings: stage.settings,
    replica: undefined,
    orphanAgeMs: -60_000,
    write: () => undefined,
  }
}

/** Nothing in a test is two days old: everything that is no row’s is an orphan at once. */
async function reconcile(
  stage: MediaStage,
  line: string,
  about: Partial<RunReconcileDeps> = {},
): Promise<Reconciled> {
  const written: string[] = []
  const deps = { ...depsOf(stage), write: (text: string) => void written.push(text), ...about }
  const left = await runReconcile(deps, parseReconcileCommand([...line.split(' '), '--json']))
  const lines = written.map((text) => JSON.parse(text) as Record<string, unknown>)
  const totals = lines.pop() as unknown as Pick<Reconciled, 'found' | 'repairs'>
  return { lines, left, ...totals }
}

async function put(stage: MediaStage, key: string): Promise<void> {
  const bytes = async function* () {
    yield Buffer.from('bytes')
  }
  await stage.backend.objects.put(key, bytes(), 5)
}

/** A photo in a message, ready. */
async function sendPhoto(stage: MediaStage, width: number) {
  const id = await stage.upload({ bytes: await fourCorners(width, 30) })
  await stage.judged(id)
  const seq = await stage.send({ id })
  await eventually(async () => assert.equal((await stage.row(id)).messageSeq, seq))
  const { blob } = await stage.row(id)
  assert.ok(blob)
  return { id, seq, blob }
}

test('what was deleted leaves nothing behind, and what is elsewhere stays', async (t) => {
  const stage = await openStage(t)
  const shared = await fourCorners(70, 40)
  const first = await stage.upload({ bytes: shared })
  await stage.judged(first)
  const second = await stage.upload({ bytes: shared })
  await stage.judged(second)
  const { blob } = await stage.row(first)
  assert.equal((await stage.row(second)).blob, blob)
  const seq = await stage.send({ id: first })
  await stage.send({ id: second })
  const other = await sendPhoto(stage, 71)
  await stage.actor.ask(stage.group, { kind: 'delete_message', target: seq })
  await stage.actor.ask(stage.group, { kind: 'delete_message', target: other.seq })
  assert.ok(blob)
  const { blobs, catalogueWalk } = stage.backend
  await eventually(async () => {
    assert.equal((await blobs.read(other.blob))?.state, 'condemned')
    assert.equal(await catalogueWalk.isReferred(blob, first), false)
  })
  stage.clock.advance(stage.settings.graceMs)
  await stage.worker.upkeep()
  assert.deepEqual(await reconcile(stage, 'report'), {
    lines: [],
    found: {},
    repairs: {},
    left: 'nothing_left',
  })
  const objects = await stage.backend.objects.list('blob/', { limit: 9 })
  assert.deepEqual(objects, [`blob/${blob}`])
  for (const key of await stage.backend.objects.list('derived/', { limit: 99 }))
    assert.ok(key.startsWith(`derived/${blob}/`), key)
  assert.equal(await stage.backend.attachments.read(first), undefined)
})

test('objects of nobody are found, left while they are young, and removed', async (t) => {
  const stage = await openStage(t)
  await sendPhoto(stage, 40)
  const [bytes, variant] = [newBlobKey(), newBlobKey()]
  const keys = [`blob/${bytes}`, `derived/${variant}/1/w320`, `derived/${variant}/1/w800`]
  for (const key of keys) await put(stage, key)
  const young = await reconcile(stage, 'report', { orphanAgeMs: 60_000 })
  assert.deepEqual(young.found, {})
  const report = await reconcile(stage, 'report')
  assert.deepEqual(report.found, { object_without_row: 1, derived_without_blob: 2 })
  assert.deepEqual(
    report.lines.map(({ key }) => key),
    keys,
  )
  assert.equal(report.left, 'something_left')
  const repair = await reconcile(stage, 'repair')
  assert.deepEqual(repair.repairs, { removed: 3 })
  assert.equal(repair.left, 'nothing_left')
  for (const key of keys) assert.equal(await stage.backend.objects.head(key), undefined)
  assert.deepEqual((await reconcile(stage, 'report')).found, {})
})

test('references that keep bytes for nobody go, and those that are missing come back', async (t) => {
  const stage = await openStage(t)
  const { id, blob } = await sendPhoto(stage, 41)
  const nobody = newAttachmentId()
  await stage.backend.blobs.addReference(blob, nobody)
  const kept = await reconcile(stage, 'repair')
  assert.deepEqual(kept.found, { reference_without_attachment: 1 })
  assert.equal(await stage.backend.catalogueWalk.isReferred(blob, nobody), false)

  await stage.backend.blobs.removeReference(blob, id, stage.clock.nowMs())
  const lost = await reconcile(stage, 'repair')
  assert.deepEqual(lost.found, { attachment_without_reference: 1 })
  assert.deepEqual(lost.repairs, { restored: 1 })
  assert.equal((await stage.backend.blobs.read(blob))?.state, 'live')
  assert.deepEqual((await reconcile(stage, 'report')).found, {})
})

test('lost bytes come back from the replica, or are told of', async (t) => {
  const stage = await openStage(t)
  const { objects } = stage.backend
  const { id, seq, blob } = await sendPhoto(stage, 42)
  const copy = await Array.fromAsync((await objects.read(`blob/${blob}`))!.body)
  await objects.remove([`blob/${blob}`])
  const without = await reconcile(stage, 'repair')
  assert.deepEqual([without.found, without.left], [{ blob_without_object: 1 }, 'something_left'])
  const wrong = replicaOf(blob, [randomBytes(9)])
  assert.equal((await reconcile(stage, 'repair', { replica: wrong })).left, 'something_left')
  assert.equal(await objects.head(`blob/${blob}`), undefined)
  const repair = await reconcile(stage, 'repair', { replica: replicaOf(blob, copy) })
  assert.deepEqual(repair.repairs, { restored: 1 })
  assert.deepEqual((await reconcile(stage, 'report')).found, {})

  // Bytes and row: nothing is left to show.
  await stage.backend.blobs.removeReference(blob, id, 0)
  await stage.backend.blobs.beginDeletion(blob, 0)
  await stage.backend.blobs.remove(blob)
  await objects.remove([`blob/${blob}`, ...(await objects.list(`derived/${blob}/`, { limit: 99 }))])
  const gone = await reconcile(stage, 'repair', { clock: stage.clock })
  assert.deepEqual(gone.found, { attachment_without_blob: 1 })
  await stage.worker.upkeep()
  await eventually(async () => assert.equal((await stage.inMessage(seq, id)).state, 'failed'))
})

test('a catalogue without any bytes sweeps nothing: it may be the wrong one', async (t) => {
  const stage = await openStage(t)
  const [key, mark] = [`blob/${newBlobKey()}`, `condemned/${newBlobKey()}`]
  for (const one of [key, mark]) await put(stage, one)
  const { found, left } = await reconcile(stage, 'repair')
  const expected = { object_without_row: 1, mark_without_need: 1 }
  assert.deepEqual([found, left], [expected, 'something_left'])
  for (const one of [key, mark]) assert.ok(await stage.backend.objects.head(one))
})

test('what a worker gave up is judged once more, though its job lies dead', async (t) => {
  const stage = await openStage(t)
  await rm(stage.workerFolder, { recursive: true })
  const id = await stage.upload({ bytes: await fourCorners(41, 30) })
  await eventually(async () => {
    stage.clock.advance(600_000)
    assert.equal((await stage.backend.jobs.listDead(9)).length, 1)
  })
  await mkdir(stage.workerFolder)
  const left = await runReconcile(depsOf(stage), parseReconcileCommand(['retry', id]))
  assert.equal(left, 'nothing_left')
  await eventually(async () => assert.equal((await stage.row(id)).state, 'ready'))
})

test('the command line is understood, or says how it is written', () => {
  const hash = randomBytes(32)
  const command = parseReconcileCommand(['allow', hash.toString('hex')])
  assert.deepEqual(command, { kind: 'allow', sha256: hash.toString('base64url') })
  assert.deepEqual(parseReconcileCommand(['retry', '-x']), { kind: 'retry', attachment: '-x' })
  for (const wrong of [[], ['report', 'x'], ['allow'], ['allow', 'abc'], ['mend'], ['--yaml']])
    assert.throws(() => parseReconcileCommand(wrong))
})

function replicaOf(blob: BlobKey, chunks: readonly Uint8Array[]): RunReconcileDeps['replica'] {
  const sizeBytes = chunks.reduce((sum, { length }) => sum + length, 0)
  const facts = { sizeBytes, etag: 'x', modifiedMs: 0 }
  const has = (key: string) => key === `blob/${blob}`
  return {
    read: async (key) =>
      has(key)
        ? {
            ...facts,
            body: (async function* () {
              yield* chunks
            })(),
          }
        : undefined,
  }
}
