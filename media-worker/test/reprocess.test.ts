import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { blobObjectKey, objectKeyOf } from '@satchel/chat-core'
import type { BlobFacts } from '@satchel/chat-core/ports'
import { createSystemClock } from '@satchel/chat-core/runtime'
import type { AttachmentId, BlobKey, Seq } from '@satchel/protocol'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import { deriveVariants } from '../src/pipeline/derive-variants.ts'
import { PIPELINE_VERSION } from '../src/pipeline/pipeline-version.ts'
import { parseReconcileCommand } from '../src/reconcile/parse-reconcile-command.ts'
import { renewAttachments } from '../src/pipeline/renew-attachments.ts'
import { runReconcile } from '../src/reconcile/run-reconcile.ts'
import { MediaStage, type MediaStageOptions } from './support/media-stage.ts'
import { fourCorners } from './support/test-images.ts'
import { openStudio } from './support/test-videos.ts'

const DAY_MS = 24 * 3_600_000
const OLD = PIPELINE_VERSION - 1

interface Sent {
  readonly id: AttachmentId
  readonly seq: Seq
  readonly blob: BlobKey
}

async function openStage(t: TestContext, options?: MediaStageOptions): Promise<MediaStage> {
  const stage = await MediaStage.open(options)
  t.after(() => stage.close())
  return stage
}

/** A day later, and what upkeep does then. */
async function nextDay(stage: MediaStage): Promise<void> {
  stage.clock.advance(DAY_MS)
  await stage.worker.upkeep()
}

async function reconcile(stage: MediaStage, ...line: string[]): Promise<readonly string[]> {
  const written: string[] = []
  await runReconcile(
    {
      ...stage.backend,
      clock: createSystemClock(),
      settings: stage.settings,
      replica: undefined,
      orphanAgeMs: -60_000,
      write: (text) => void written.push(text),
    },
    parseReconcileCommand(line),
  )
  return written
}

async function put(stage: MediaStage, key: string, bytes: Buffer): Promise<void> {
  const body = async function* () {
    yield bytes
  }
  await stage.backend.objects.put(key, body(), bytes.length)
}

/** A photo in a message, as the pipeline before this one left it: in each of `copies` messages. */
async function sendOldPhoto(stage: MediaStage, width: number, copies = 1): Promise<Sent[]> {
  const { blobs, attachments } = stage.backend
  const bytes = await fourCorners(width, 30)
  await stage.worker.close()
  const facts: BlobFacts = {
    pipelineVersion: OLD,
    contentType: 'image/png',
    variants: [{ name: 'w320', contentType: 'image/webp', sizeBytes: 3 }],
  }
  const sent: Sent[] = []
  for (let copy = 0; copy < copies; copy++) {
    const id = await stage.upload({ bytes })
    const row = await stage.row(id)
    const sha256 = createHash('sha256').update(bytes).digest('base64url')
    const sizeBytes = bytes.length
    const { key } = await blobs.store({ key: row.copyKey, sha256, sizeBytes }, id)
    if (copy === 0) await put(stage, blobObjectKey(key), bytes)
    const w320 = objectKeyOf({ blob: key, pipelineVersion: OLD, variant: 'w320' })
    await put(stage, w320, Buffer.from('old'))
    await blobs.describe(key, facts)
    const next = { ...row, state: 'ready', blob: key, facts, version: row.version + 1 } as const
    assert.ok(await attachments.replace(row, { ...next, dueMs: undefined }))
    sent.push({ id, blob: key, seq: await stage.send({ id }) })
  }
  await stage.restartWorker()
  await eventually(async () => {
    for (const { id } of sent) assert.ok((await stage.row(id)).messageSeq)
  })
  return sent
}

/** As this pipeline finds out about a photo. */
async function newFacts(stage: MediaStage): Promise<BlobFacts> {
  const { facts } = await stage.row((await stage.process({ bytes: await fourCorners(49, 30) })).id)
  assert.ok(facts)
  return facts
}

/** Has a photo pass for a video that is long enough. */
async function oweHls(stage: MediaStage, id: AttachmentId) {
  const row = await stage.row(id)
  const { blob } = row
  assert.ok(row.facts && blob)
  const play = { name: 'play', contentType: 'video/mp4', sizeBytes: 1 }
  const facts = { ...row.facts, durationMs: 61_000, variants: [play] }
  await stage.backend.blobs.describe(blob, facts)
  await stage.backend.attachments.replace(row, { ...row, facts, version: row.version + 1 })
  return { blob, facts }
}

async function versionsIn(stage: MediaStage, { blob }: Sent): Promise<readonly string[]> {
  const keys = await stage.backend.objects.list(`derived/${blob}/`, { limit: 99 })
  return [...new Set(keys.map((key) => key.split('/')[2] ?? ''))]
}

async function shownVersion(stage: MediaStage, { id, seq }: Sent): Promise<number | undefined> {
  return (await stage.inMessage(seq, id)).pipelineVersion
}

test('what an older pipeline described is described anew, and what it made goes once no link holds', async (t) => {
  const stage = await openStage(t)
  const [first, second] = await sendOldPhoto(stage, 40, 2)
  assert.ok(first && second)
  const link = await stage.link(stage.bob, first.seq, first.id, 'w320')
  assert.ok(link.url)
  assert.deepEqual(await reconcile(stage, 'reprocess', '--kind', 'video'), ['0 asked for'])
  const asked = await reconcile(
    stage,
    'reprocess',
    '--older-than-version',
    String(PIPELINE_VERSION),
  )
  assert.deepEqual(asked, [`blob ${first.blob}: will be described anew`, '1 asked for'])
  await eventually(async () => {
    for (const sent of [first, second])
      assert.equal(await shownVersion(stage, sent), PIPELINE_VERSION)
  }, 30_000)
  const { url = '' } = await stage.link(stage.bob, second.seq, second.id, 'w320')
  assert.notEqual(url, link.url)
  assert.ok((await stage.serve(url)).bytes.length > 3)
  assert.equal((await stage.serve(link.url)).bytes.toString(), 'old')

  await nextDay(stage)
  await nextDay(stage)
  assert.deepEqual(await versionsIn(stage, first), [String(OLD), String(PIPELINE_VERSION)])
  await nextDay(stage)
  await nextDay(stage)
  assert.deepEqual(await versionsIn(stage, first), [String(PIPELINE_VERSION)])
  assert.equal((await stage.backend.blobs.read(first.blob))?.former, undefined)
  assert.deepEqual(await reconcile(stage, 'report'), ['catalogue and bucket agree'])
  const again = await reconcile(
    stage,
    'reprocess',
    '--older-than-version',
    String(PIPELINE_VERSION),
  )
  assert.deepEqual(again, ['0 asked for'])
})

test('bytes that come again are described anew, and everybody who has them gets the new facts', async (t) => {
  const stage = await openStage(t)
  const [old] = await sendOldPhoto(stage, 41)
  assert.ok(old)
  const id = await stage.upload({ bytes: await fourCorners(41, 30) })
  assert.equal((await stage.judged(id)).pipelineVersion, PIPELINE_VERSION)
  assert.equal((await stage.row(id)).blob, old.blob)
  assert.equal(await shownVersion(stage, old), OLD)
  // From when the last of them had the old facts the grace counts.
  await nextDay(stage)
  assert.equal(await shownVersion(stage, old), PIPELINE_VERSION)
  const since = (await stage.backend.blobs.read(old.blob))?.former?.sinceMs
  assert.equal(since, stage.clock.nowMs())
  for (let day = 0; day < 2; day++) await nextDay(stage)
  assert.ok((await versionsIn(stage, old)).includes(String(OLD)))
  await nextDay(stage)
  assert.deepEqual(await versionsIn(stage, old), [String(PIPELINE_VERSION)])
})

test('an attachment that had the old facts when they were to go keeps them for another grace', async (t) => {
  const stage = await openStage(t)
  const [old] = await sendOldPhoto(stage, 42)
  assert.ok(old)
  const { facts: before } = await stage.row(old.id)
  await reconcile(stage, 'reprocess', '--kind', 'image')
  await eventually(async () => assert.equal(await shownVersion(stage, old), PIPELINE_VERSION))
  await nextDay(stage)
  await nextDay(stage)
  // As by who read the source of a forward before it was renewed.
  const row = await stage.row(old.id)
  await stage.backend.attachments.replace(row, { ...row, facts: before, version: row.version + 1 })
  await nextDay(stage)
  assert.equal((await stage.row(old.id)).facts?.pipelineVersion, PIPELINE_VERSION)
  for (let day = 0; day < 2; day++) {
    await nextDay(stage)
    assert.ok((await versionsIn(stage, old)).includes(String(OLD)))
  }
  await nextDay(stage)
  assert.deepEqual(await versionsIn(stage, old), [String(PIPELINE_VERSION)])
})

test('a worker killed between renewing and noting it leaves former outputs to whoever has a link', async (t) => {
  const stage = await openStage(t)
  const [old, other] = await sendOldPhoto(stage, 48, 2)
  assert.ok(old && other)
  await stage.backend.blobs.describe(old.blob, await newFacts(stage))
  await stage.backend.blobs.replaceFormer({ key: old.blob }, { versions: [OLD], sinceMs: 0 })
  const blob = await stage.backend.blobs.read(old.blob)
  assert.ok(blob?.facts)
  const since = async () => (await stage.backend.blobs.read(old.blob))?.former?.sinceMs
  const killed = new Error('killed')
  const deps = { ...stage.workerDeps(), submitResult: () => Promise.reject(killed) }
  await assert.rejects(renewAttachments(deps, { ...blob, facts: blob.facts }), killed)
  assert.equal(await since(), stage.clock.nowMs())
})

test('a worker of an older release that comes late changes nothing, and what it made goes', async (t) => {
  const stage = await openStage(t)
  const id = await stage.upload({ bytes: await fourCorners(43, 30) })
  await stage.judged(id)
  const { blob = '' as BlobKey } = await stage.row(id)
  const row = await stage.backend.blobs.read(blob)
  assert.ok(row?.facts)
  const newer = { ...row.facts, pipelineVersion: PIPELINE_VERSION + 1 }
  // It read the row before; the newer one was faster.
  await stage.backend.blobs.describe(blob, newer)
  const nothing = { contentType: 'image/png', keepsOriginal: true, files: [] }
  const sandbox = { derive: async () => ({ kind: 'derived', derived: nothing }) as const }
  const deps = { ...stage.backend, sandbox }
  const facts = await deriveVariants(deps, { ...row, facts: undefined }, '', stage.workerFolder)
  assert.deepEqual(facts, newer)
  const current = await stage.backend.blobs.read(blob)
  assert.deepEqual(current?.facts, newer)
  assert.deepEqual(current.former?.versions, [PIPELINE_VERSION])
  // Nor does it describe again what a newer one has.
  const again = await stage.upload({ bytes: await fourCorners(43, 30) })
  assert.equal((await stage.judged(again)).pipelineVersion, PIPELINE_VERSION + 1)
})

test('outputs that nobody left word of are found, and then go like others', async (t) => {
  const stage = await openStage(t)
  const id = await stage.upload({ bytes: await fourCorners(44, 30) })
  const seq = await stage.send({ id })
  await stage.judged(id)
  const { blob = '' as BlobKey } = await stage.row(id)
  await put(stage, objectKeyOf({ blob, pipelineVersion: OLD, variant: 'w320' }), Buffer.from('x'))
  const key = `derived/${blob}/${String(OLD)}/w320`
  const said = `${key}: made by a former pipeline, and of no more use`
  const [found] = await reconcile(stage, 'report')
  assert.equal(found, said)
  const [repaired] = await reconcile(stage, 'repair')
  assert.equal(repaired, `${said}: enqueued`)
  assert.deepEqual(await reconcile(stage, 'report'), ['catalogue and bucket agree'])
  // The reconciler's clock is the machine's.
  stage.clock.advance(Date.now() - stage.clock.nowMs())
  for (let day = 0; day < 4; day++) await nextDay(stage)
  assert.deepEqual(await versionsIn(stage, { id, seq, blob }), [String(PIPELINE_VERSION)])
})

test('what was handed out as it came for want of ffmpeg gets its poster and plays once that is there', async (t) => {
  const studio = openStudio(t)
  if (studio === undefined) return
  const stage = await openStage(t, { ffmpegPath: '/nowhere/ffmpeg' })
  const bytes = await studio.phoneVideo('a.mp4', [], { size: '160x90', seconds: 1 })
  const id = await stage.upload({ bytes, name: 'a.mp4', contentType: 'video/mp4' })
  const seq = await stage.send({ id })
  assert.equal((await stage.judged(id)).reason, 'no_ffmpeg')
  await stage.worker.close()
  await stage.restartWorker({ ffmpegPath: undefined })
  const [line] = await reconcile(stage, 'reprocess', '--reason', 'no_ffmpeg')
  assert.match(line ?? '', /will be described anew$/)
  const shown = await eventually(async () => {
    const attachment = await stage.inMessage(seq, id)
    assert.equal(attachment.reason, undefined)
    return attachment
  }, 60_000)
  const names = shown.variants?.map(({ name }) => name) ?? []
  assert.ok(names.includes('play') && names.includes('w320') && !names.includes('original'))
  assert.deepEqual(await reconcile(stage, 'reprocess', '--reason', 'no_ffmpeg'), ['0 asked for'])
})

test('what takes ffmpeg waits for a worker that has it, however often others are asked', async (t) => {
  const stage = await openStage(t, { ffmpegPath: '/nowhere/ffmpeg' })
  const id = await stage.upload({ bytes: await fourCorners(50, 30) })
  await stage.judged(id)
  const { blob, facts } = await oweHls(stage, id)
  await stage.backend.blobs.describe(blob, { ...facts, contentType: 'video/mp4' })
  await reconcile(stage, 'reprocess', '--kind', 'video')
  const tries = () => stage.told.filter(({ what }) => what === 'jobFailed').length
  await eventually(() => {
    stage.clock.advance(600_000)
    assert.ok(tries() > 6)
  }, 20_000)
  assert.deepEqual(await stage.backend.jobs.listDead(9), [])
})

test('an attachment due HLS of what an older pipeline described has that described anew first', async (t) => {
  const stage = await openStage(t)
  const [old] = await sendOldPhoto(stage, 46)
  assert.ok(old)
  await oweHls(stage, old.id)
  assert.deepEqual(await reconcile(stage, 'retry', old.id), [`${old.id} will get its HLS`])
  // No video after all, so it is due none any more.
  await eventually(async () => assert.equal(await shownVersion(stage, old), PIPELINE_VERSION))
  assert.match((await reconcile(stage, 'retry', old.id))[0] ?? '', /is no attachment that failed/)
})

test('an attachment due HLS of what a newer pipeline described waits for a newer worker', async (t) => {
  const stage = await openStage(t)
  const id = await stage.upload({ bytes: await fourCorners(47, 30) })
  await stage.judged(id)
  const { blob, facts } = await oweHls(stage, id)
  await stage.backend.blobs.describe(blob, { ...facts, pipelineVersion: PIPELINE_VERSION + 1 })
  await reconcile(stage, 'retry', id)
  await eventually(() => {
    const failed = stage.told.find(({ what }) => what === 'jobFailed')
    assert.equal(failed?.about[0], `hls:${id}`)
  })
})

test('HLS that was given up is made after all', async (t) => {
  const stage = await openStage(t)
  const id = await stage.upload({ bytes: await fourCorners(45, 30) })
  const seq = await stage.send({ id })
  await stage.judged(id)
  // As of a long video whose bytes the machine could not read five times.
  const row = await oweHls(stage, id)
  await stage.backend.objects.remove([blobObjectKey(row.blob)])
  const said = await reconcile(stage, 'retry', id)
  assert.deepEqual(said, [`${id} will get its HLS`])
  const dead = async () => (await stage.backend.jobs.listDead(9)).map((job) => job.id)
  await eventually(async () => {
    stage.clock.advance(600_000)
    assert.deepEqual(await dead(), [`hls:${id}`])
  }, 30_000)
  await put(stage, blobObjectKey(row.blob), Buffer.from('bytes'))
  await reconcile(stage, 'retry', id)
  await eventually(async () => {
    assert.deepEqual(await dead(), [])
    // No video after all.
    assert.equal((await stage.row(id)).facts?.hlsRefused, 'unreadable')
  }, 30_000)
  assert.ok(await stage.inMessage(seq, id))
})

test('which blobs are to be described anew has to be said, and how is told', () => {
  const parsed = parseReconcileCommand(['reprocess', '--kind', 'audio', '--per-second=5'])
  assert.deepEqual(parsed, {
    kind: 'reprocess',
    of: 'audio',
    olderThanVersion: undefined,
    reason: undefined,
    after: undefined,
    perSecond: 5,
    json: false,
  })
  for (const wrong of [[], ['--kind', 'text'], ['--older-than-version', 'x'], ['--after', 'x']])
    assert.throws(() => parseReconcileCommand(['reprocess', ...wrong]))
})
