import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { objectKeyOf } from '@satchel/chat-core'
import type { Attachment, AttachmentId, Seq } from '@satchel/protocol'
import { bytesOf } from '../../chat-core/test/support/bytes.ts'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import { hlsLadder } from '../src/sandbox/ffmpeg/hls-ladder.ts'
import { MediaStage } from './support/media-stage.ts'
import { openStudio, type FfmpegStudio, PLACE, TITLE } from './support/test-videos.ts'

const DEADLINE_MS = 120_000

describe('HLS', () => {
  let stage: MediaStage
  before(async () => {
    stage = await MediaStage.open()
  })
  after(() => stage.close())

  /** Few pixels and long: quickly made, and due HLS all the same. */
  const longVideo = (studio: FfmpegStudio, options: readonly string[] = []) =>
    studio.phoneVideo('long.mp4', [...options, '-r', '5'], { size: '160x90', seconds: 61 })
  const send = async (bytes: Buffer): Promise<{ id: AttachmentId; seq: Seq }> => {
    const id = await stage.upload({ bytes, name: 'long.mp4', contentType: 'video/mp4' })
    return { id, seq: await stage.send({ id }) }
  }
  const withHls = async ({ id, seq }: { id: AttachmentId; seq: Seq }): Promise<Attachment> =>
    eventually(async () => {
      const attachment = await stage.inMessage(seq, id)
      assert.ok(namesOf(attachment).includes('hls'))
      return attachment
    }, DEADLINE_MS)
  const namesOf = ({ variants = [] }: Attachment) => variants.map(({ name }) => name)
  async function read(attachment: Attachment, file: string): Promise<Buffer> {
    const { blob, pipelineVersion } = attachment
    assert.ok(blob && pipelineVersion)
    const key = objectKeyOf({ blob, pipelineVersion, variant: `hls/${file}` })
    const object = await stage.backend.objects.read(key)
    assert.ok(object, `there is ${file}`)
    return bytesOf(object.body)
  }
  const made = () => stage.told.filter(({ what }) => what === 'hlsMade').length

  test('a long video is shown at once, and has its HLS later, every file of it', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const sent = await send(await longVideo(studio))
    const attachment = await withHls(sent)
    const told = stage.results.filter((result) => result.attachment.id === sent.id)
    const [shown, ...later] = told.map((result) => namesOf(result.attachment))
    assert.ok(shown)
    assert.ok(shown.includes('play') && !shown.includes('hls'))
    assert.deepEqual(later, [[...shown, 'hls']])
    const master = (await read(attachment, 'master.m3u8')).toString()
    assert.match(
      master,
      /RESOLUTION=160x90,CODECS="avc1\.6400[0-9a-f]{2},mp4a\.40\.2"\n90p\.m3u8\n/,
    )
    const playlist = (await read(attachment, '90p.m3u8')).toString()
    assert.match(playlist, /#EXT-X-MAP:URI="90p-init\.mp4"/)
    assert.match(playlist, /#EXT-X-ENDLIST/)
    const segments = [...playlist.matchAll(/^90p-\d+\.m4s$/gm)].map(([name]) => name)
    assert.ok(segments.length >= 15, String(segments.length))
    let sizeBytes = Buffer.byteLength(master) + Buffer.byteLength(playlist)
    for (const name of ['90p-init.mp4', ...segments]) {
      const bytes = await read(attachment, name)
      sizeBytes += bytes.length
      assert.ok(!bytes.includes(PLACE) && !bytes.includes(TITLE), name)
    }
    const variant = attachment.variants?.find(({ name }) => name === 'hls')
    assert.equal(variant?.sizeBytes, sizeBytes)
    assert.equal(variant.contentType, 'application/vnd.apple.mpegurl')
  })

  test('the same bytes get it in every message, and it is made once', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const before = made()
    const bytes = await longVideo(studio, ['-metadata', 'comment=twice'])
    const [one, other] = [await send(bytes), await send(bytes)]
    const [first, second] = [await withHls(one), await withHls(other)]
    assert.equal(first.blob, second.blob)
    assert.deepEqual(first.variants, second.variants)
    assert.equal(made(), before + 1)
    const third = await withHls(await send(bytes))
    assert.deepEqual(third.variants, first.variants)
    assert.equal(made(), before + 1)
  })

  test('a worker closed at it leaves it to the next one, with the same outputs', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const before = made()
    const sent = await send(await longVideo(studio, ['-metadata', 'comment=cut off']))
    await eventually(async () => {
      assert.ok(namesOf(await stage.inMessage(sent.seq, sent.id)).includes('play'))
    }, DEADLINE_MS)
    await stage.worker.close()
    await stage.restartWorker()
    const attachment = await eventually(async () => {
      stage.clock.advance(60_000)
      const current = await stage.inMessage(sent.seq, sent.id)
      assert.ok(namesOf(current).includes('hls'))
      return current
    }, DEADLINE_MS)
    assert.ok(made() >= before + 1)
    assert.match((await read(attachment, '90p.m3u8')).toString(), /#EXT-X-ENDLIST/)
  })
})

test('no rung is larger than the source, and a small source has its own', () => {
  const names = (width: number, height: number) =>
    hlsLadder({ width, height }).map((rung) => `${rung.name} ${rung.width}x${rung.height}`)
  assert.deepEqual(names(1_920, 1_080), [
    '360p 640x360',
    '480p 854x480',
    '720p 1280x720',
    '1080p 1920x1080',
  ])
  assert.deepEqual(names(720, 1_280), ['360p 360x640', '480p 480x854', '720p 720x1280'])
  assert.deepEqual(names(160, 90), ['90p 160x90'])
})
