import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Attachment } from '@satchel/protocol'
import { MediaStage } from './support/media-stage.ts'
import { openStudio, PLACE, TITLE, USER_DATA_ID, pictures, tone } from './support/test-videos.ts'

const SECRET_FILE = '/etc/hostname'
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'] as const

describe('hostile video and audio', { concurrency: 2 }, () => {
  let stage: MediaStage
  before(async () => {
    stage = await MediaStage.open()
  })
  after(() => stage.close())

  const process = (bytes: Buffer) =>
    stage.process({ bytes, name: 'clip.mp4', contentType: 'video/mp4' })
  const namesOf = ({ variants = [] }: Attachment) => variants.map(({ name }) => name)
  async function assertNothingNoted(attachment: Attachment): Promise<void> {
    for (const [name, { bytes }] of await stage.serveAll(attachment)) {
      assert.ok(!bytes.includes(PLACE) && !bytes.includes(TITLE), name)
    }
  }

  test('playlists are text, whatever they are called, and lead nowhere', async (t) => {
    if (openStudio(t) === undefined) return
    const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://${SECRET_FILE}\n`
    for (const text of [playlist, `ffconcat version 1.0\nfile '${SECRET_FILE}'\n`]) {
      const file = await process(Buffer.from(text))
      assert.equal(file.contentType, 'text/plain')
      assert.deepEqual(namesOf(file), ['original'])
    }
  })

  test('a playlist behind the signature of an MP4 is not followed', async (t) => {
    if (openStudio(t) === undefined) return
    const signature = Buffer.from('\0\0\0\u0018ftypisom\0\0\u0002\0isommp41', 'latin1')
    const playlist = Buffer.from(`#EXTM3U\n#EXTINF:1,\nfile://${SECRET_FILE}\n`)
    const file = await process(Buffer.concat([signature, playlist]))
    assert.deepEqual([file.state, file.reason], ['ready', 'unreadable'])
    assert.deepEqual(namesOf(file), [])
  })

  test('what breaks off plays as far as it goes, or is not handed out with what was noted in it', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const begun = await studio.phoneVideo('phone.mp4', ['-movflags', '+faststart'], { seconds: 4 })
    const half = await process(begun.subarray(0, begun.length * 0.6))
    assert.equal(half.state, 'ready')
    assert.ok(namesOf(half).includes('play') && namesOf(half).includes('w320'))
    await assertNothingNoted(half)
    const ended = await studio.phoneVideo('phone.mov', [], { seconds: 4 })
    const headless = await process(ended.subarray(0, ended.length / 2))
    assert.deepEqual([headless.state, headless.reason], ['ready', 'unreadable'])
    assert.deepEqual(namesOf(headless), [])
  })

  test('frames beyond the limit are not decoded, and the file is still a download', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const wide = await studio.make('wide.mp4', [
      ...['-f', 'lavfi', '-i', 'color=red:size=4096x4096:duration=0.1:rate=10', ...H264],
      ...['-metadata', `title=${TITLE}`],
      ...['-bsf:v', `h264_metadata=sei_user_data=${USER_DATA_ID}+${PLACE}`],
    ])
    assert.ok(wide.includes(PLACE))
    const file = await process(wide)
    assert.deepEqual([file.state, file.reason], ['ready', 'too_many_pixels'])
    assert.deepEqual(namesOf(file), ['download'])
    await assertNothingNoted(file)
  })

  test('a file of very many streams is not opened', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const maps = Array.from({ length: 20 }, () => ['-map', '0:a']).flat()
    const crowd = await studio.make('crowd.mp4', [...tone(1), ...maps, '-c:a', 'aac'])
    const file = await process(crowd)
    assert.deepEqual([file.state, file.reason], ['ready', 'too_many_streams'])
    assert.deepEqual(namesOf(file), [])
  })

  test('a codec that is not trusted is not decoded, and the file is still a download', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const old = await studio.make('old.mov', [
      ...[...pictures('320x240', 1), ...tone(1), '-c:v', 'prores', '-c:a', 'pcm_s16le'],
      ...['-metadata', `title=${TITLE}`],
    ])
    const file = await process(old)
    assert.deepEqual([file.state, file.reason], ['ready', 'unsupported_codec'])
    assert.deepEqual(namesOf(file), ['download'])
    await assertNothingNoted(file)
  })

  test('tracks of data and subtitles do not come along', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const words = Buffer.from(`1\n00:00:00,000 --> 00:00:01,000\n${PLACE}\n`)
    const told = await studio.make(
      'told.mp4',
      [...[...pictures('320x240', 1), '-map', '1', '-map', '0', ...H264, '-c:s', 'mov_text']],
      words,
    )
    assert.ok(told.includes(PLACE))
    const file = await process(told)
    assert.deepEqual(namesOf(file), ['w320', 'play'])
    await assertNothingNoted(file)
  })
})
