import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import { sweepRetention } from '../src/upkeep/sweep-retention.ts'
import { MediaStage, type MediaStageOptions } from './support/media-stage.ts'
import { fourCorners } from './support/test-images.ts'

const DAY_MS = 24 * 3_600_000
const RETENTION_MS = 30 * DAY_MS

async function openStage(t: TestContext, settings: MediaStageOptions['settings']) {
  const stage = await MediaStage.open({ ffmpegPath: '/nowhere/ffmpeg', settings: settings ?? {} })
  t.after(() => stage.close())
  return stage
}

/** A photo in a message of alice’s, ready. */
async function sendPhoto(stage: MediaStage, { isReadyFirst = true } = {}) {
  const id = await stage.upload({ bytes: await fourCorners(40, 30) })
  if (isReadyFirst) await stage.judged(id)
  const seq = await stage.send({ id })
  await eventually(async () => assert.equal((await stage.inMessage(seq, id)).state, 'ready'))
  await eventually(async () => assert.equal((await stage.row(id)).messageSeq, seq))
  const { blob } = await stage.row(id)
  assert.ok(blob)
  return { id, seq, blob }
}

test('a file goes at the age that is set, and its message stays and says so', async (t) => {
  const stage = await openStage(t, { retentionMs: RETENTION_MS })
  const { id, seq, blob } = await sendPhoto(stage)
  stage.clock.advance(RETENTION_MS - 1)
  await stage.worker.upkeep()
  assert.equal((await stage.inMessage(seq, id)).state, 'ready')
  assert.ok('url' in (await stage.link(stage.bob, seq, id, 'w320')))
  stage.clock.advance(1)
  await stage.worker.upkeep()
  const shown = await stage.inMessage(seq, id)
  assert.deepEqual([shown.state, shown.reason, shown.blob], ['expired', 'retention', undefined])
  assert.deepEqual(await stage.link(stage.bob, seq, id, 'w320'), { error: 'upload_state' })
  assert.equal((await stage.backend.blobs.read(blob))?.state, 'condemned')
  stage.clock.advance(stage.settings.graceMs)
  await stage.worker.upkeep()
  assert.equal(await stage.backend.objects.head(`blob/${blob}`), undefined)
  assert.equal(await stage.backend.attachments.read(id), undefined)
  assert.deepEqual(
    stage.told.filter(({ what }) => what === 'retentionOver').map(({ about }) => about),
    [[id]],
  )
})

test('a message sent before its file was ready has its time as well', async (t) => {
  const stage = await openStage(t, { retentionMs: RETENTION_MS })
  const { id, seq } = await sendPhoto(stage, { isReadyFirst: false })
  stage.clock.advance(RETENTION_MS)
  await stage.worker.upkeep()
  assert.equal((await stage.inMessage(seq, id)).reason, 'retention')
})

test('the same bytes in a younger message stay', async (t) => {
  const stage = await openStage(t, { retentionMs: RETENTION_MS })
  const old = await sendPhoto(stage)
  stage.clock.advance(RETENTION_MS / 2)
  const young = await sendPhoto(stage)
  assert.equal(young.blob, old.blob)
  stage.clock.advance(RETENTION_MS / 2)
  await stage.worker.upkeep()
  assert.equal((await stage.inMessage(old.seq, old.id)).state, 'expired')
  assert.equal((await stage.inMessage(young.seq, young.id)).state, 'ready')
  assert.equal((await stage.backend.blobs.read(young.blob))?.state, 'live')
})

test('a file from before the setting gets its time from the daily sweep, each day once', async (t) => {
  const stage = await openStage(t, {})
  const { id, seq } = await sendPhoto(stage)
  stage.clock.advance(RETENTION_MS * 2)
  await stage.worker.upkeep()
  assert.equal((await stage.inMessage(seq, id)).state, 'ready', 'without the setting it stays')
  const settings = { ...stage.settings, retentionMs: RETENTION_MS }
  const deps = { ...stage.backend, clock: stage.clock, settings }
  const { createdMs } = await stage.row(id)
  assert.equal(await sweepRetention(deps), 1)
  assert.equal((await stage.row(id)).dueMs, createdMs + RETENTION_MS)
  assert.equal(await sweepRetention(deps), 0)
  stage.clock.advance(DAY_MS)
  const shorter = { ...deps, settings: { ...settings, retentionMs: DAY_MS } }
  assert.equal(await sweepRetention(shorter), 1)
  assert.equal((await stage.row(id)).dueMs, createdMs + DAY_MS)

  // The setting was taken back before it came to that.
  await stage.worker.upkeep()
  assert.equal((await stage.inMessage(seq, id)).state, 'ready')
  assert.equal((await stage.row(id)).dueMs, undefined)
})
