import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Attachment } from '@satchel/protocol'
import sharp from 'sharp'
import { MediaStage } from './support/media-stage.ts'
import {
  openStudio,
  PLACE,
  pictures,
  TITLE,
  tone,
  USER_DATA_ID,
  withAv1Note,
  withHevcNote,
  withMpeg2Note,
} from './support/test-videos.ts'

describe('video', { concurrency: 2 }, () => {
  let stage: MediaStage
  before(async () => {
    stage = await MediaStage.open()
  })
  after(() => stage.close())

  const process = (bytes: Buffer) =>
    stage.process({ bytes, name: 'clip', contentType: 'application/octet-stream' })
  const namesOf = ({ variants = [] }: Attachment) => variants.map(({ name }) => name)
  const variantOf = ({ variants = [] }: Attachment, name: string) => {
    const variant = variants.find((one) => one.name === name)
    assert.ok(variant, `there is ${name}`)
    return variant
  }
  const served = async (attachment: Attachment, name: string) =>
    (await stage.serveAll(attachment)).get(name) ?? assert.fail(`${name} is served`)
  async function assertNothingNoted(attachment: Attachment): Promise<void> {
    for (const [name, { bytes }] of await stage.serveAll(attachment)) {
      for (const secret of [PLACE, PLACE.slice(0, 8), TITLE]) {
        assert.ok(!bytes.includes(secret), `${name} does not say ${secret}`)
      }
    }
  }

  test('what a phone filmed plays at once, and says nothing of where', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const plain = await studio.phoneVideo('phone.mov')
    const tagged = await studio.phoneVideo('phone.mov', ['-movflags', 'use_metadata_tags'])
    for (const bytes of [plain, tagged]) {
      assert.ok(bytes.includes(PLACE) && bytes.includes(TITLE))
      const clip = await process(bytes)
      assert.equal(clip.state, 'ready')
      assert.equal(clip.reason, undefined)
      assert.equal(clip.contentType, 'video/quicktime')
      assert.deepEqual([clip.width, clip.height], [640, 360])
      assert.ok(clip.durationMs && Math.abs(clip.durationMs - 2_000) < 100)
      assert.ok(clip.thumbhash)
      assert.deepEqual(namesOf(clip), ['w320', 'w800', 'play'])
      const play = variantOf(clip, 'play')
      assert.deepEqual([play.contentType, play.width, play.height], ['video/mp4', 640, 360])
      await assertNothingNoted(clip)
      const { bytes: played } = (await stage.serveAll(clip)).get('play') ?? assert.fail()
      assert.ok(played.indexOf('moov') < played.indexOf('mdat'), 'it begins before it is whole')
    }
  })

  test('what was filmed upright is upright', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const turned = ['-map', '0', '-c', 'copy', '-metadata:s:v', 'rotate=90']
    const lying = await studio.phoneVideo('phone.mov')
    const clip = await process(await studio.make('phone.mov', turned, lying))
    assert.deepEqual([clip.width, clip.height], [360, 640])
    const { bytes } = (await stage.serveAll(clip)).get('w320') ?? assert.fail()
    const { width, height } = await sharp(bytes).metadata()
    assert.deepEqual([width, height], [180, 320])
    const played = (await stage.serveAll(clip)).get('play') ?? assert.fail()
    const again = await process(played.bytes)
    assert.deepEqual([again.width, again.height], [360, 640])
  })

  const encoded = [
    {
      name: 'clip.webm',
      type: 'video/webm',
      codecs: ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'],
    },
    {
      name: 'clip.mkv',
      type: 'video/matroska',
      codecs: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'flac'],
    },
    {
      name: 'clip.mov',
      type: 'video/quicktime',
      codecs: [
        '-c:v',
        'libx265',
        '-preset',
        'ultrafast',
        '-x265-params',
        'log-level=none',
        '-tag:v',
        'hvc1',
        '-c:a',
        'pcm_s16le',
      ],
    },
    {
      name: 'clip.mp4',
      type: 'video/mp4',
      codecs: ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv444p', '-c:a', 'aac'],
    },
  ]
  for (const { name, type, codecs } of encoded) {
    test(`${name} of ${codecs[1]} is encoded to play everywhere, and has a copy to download`, async (t) => {
      const studio = openStudio(t)
      if (studio === undefined) return
      const bytes = await studio.make(name, [
        ...[...pictures('320x240', 1), ...tone(1), ...codecs],
        ...['-metadata', `title=${TITLE}`, '-metadata', `location=${PLACE}`],
      ])
      assert.ok(bytes.includes(TITLE))
      const clip = await process(bytes)
      assert.equal(clip.reason, undefined)
      assert.equal(clip.contentType, type)
      assert.deepEqual(namesOf(clip), ['w320', 'play', 'download'])
      assert.equal(variantOf(clip, 'play').contentType, 'video/mp4')
      assert.equal(variantOf(clip, 'download').contentType, type)
      await assertNothingNoted(clip)
    })
  }

  const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']
  const HEVC = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none']
  /** As camcorders and drones write it: between the pictures. */
  const SAID_IN_H264 = ['-bsf:v', `h264_metadata=sei_user_data=${USER_DATA_ID}+${PLACE}`]

  test('what stands between the pictures of H.264 does not come along where they are copied', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    for (const [name, made] of [
      ['drone.mp4', ['w320', 'play']],
      ['drone.mkv', ['w320', 'play']],
      ['camcorder.ts', ['w320', 'play', 'download']],
    ] as const) {
      const options = [...H264, '-c:a', 'aac', ...SAID_IN_H264]
      const bytes = await studio.make(name, [...pictures('320x240', 1), ...tone(1), ...options])
      assert.ok(name.endsWith('.ts') || bytes.includes(PLACE))
      const clip = await process(bytes)
      assert.deepEqual([clip.reason, namesOf(clip)], [undefined, made], name)
      const copy = (await served(clip, made.at(-1) ?? '')).bytes
      assert.deepEqual(await studio.framesIn(copy), await studio.framesIn(bytes))
      await assertNothingNoted(clip)
    }
  })

  test('nor does it of HEVC, whose copy is a download', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const plain = await studio.make('plain.hevc', [...pictures('320x240', 1), ...HEVC])
    const noted = withHevcNote(plain, PLACE)
    const film = await studio.make('film.mov', ['-c', 'copy', '-tag:v', 'hvc1'], noted)
    assert.ok(film.includes(PLACE))
    const clip = await process(film)
    assert.deepEqual(namesOf(clip), ['w320', 'play', 'download'])
    const copy = (await served(clip, 'download')).bytes
    assert.deepEqual(await studio.framesIn(copy), await studio.framesIn(film))
    await assertNothingNoted(clip)
  })

  test('nor does the metadata of AV1, nor the user data of MPEG-2', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const AV1 = ['-c:v', 'libaom-av1', '-cpu-used', '8']
    const av1 = await studio.make('plain.obu', [...pictures('64x48', 0.2), ...AV1])
    const mpeg2 = await studio.make('plain.m2v', [...pictures('64x48', 0.2), '-c:v', 'mpeg2video'])
    for (const [name, stream, made] of [
      ['film.mp4', withAv1Note(av1, PLACE), ['w320', 'play', 'download']],
      ['film.avi', withMpeg2Note(mpeg2, PLACE), ['download']],
    ] as const) {
      const film = await studio.make(name, ['-c', 'copy'], stream)
      assert.ok(film.includes(PLACE), name)
      const clip = await process(film)
      assert.deepEqual(namesOf(clip), made)
      const copy = (await served(clip, 'download')).bytes
      assert.deepEqual(await studio.framesIn(copy), await studio.framesIn(film))
      await assertNothingNoted(clip)
    }
  })

  test('nor does Exif in every picture of an AVI, which is not decoded', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } })
      .withExif({ IFD0: { ImageDescription: PLACE } })
      .jpeg()
      .toBuffer()
    const frames = Buffer.concat([jpeg, jpeg, jpeg])
    const bytes = await studio.make('camera.avi', ['-c', 'copy'], frames)
    assert.ok(bytes.includes(PLACE))
    const clip = await process(bytes)
    assert.equal(clip.contentType, 'video/vnd.avi')
    assert.deepEqual([clip.reason, namesOf(clip)], ['unsupported_codec', ['download']])
    const copy = (await served(clip, 'download')).bytes
    assert.deepEqual(await studio.framesIn(copy), await studio.framesIn(bytes))
    await assertNothingNoted(clip)
  })

  test('what was recorded from television plays, its sound encoded anew', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const options = [...pictures('320x240', 1), ...tone(1), ...H264, '-c:a', 'mp2']
    const clip = await process(await studio.make('broadcast.ts', options))
    assert.deepEqual([clip.contentType, clip.reason], ['video/mp2t', undefined])
    assert.deepEqual(namesOf(clip), ['w320', 'play', 'download'])
    const streams = await studio.make(
      'play.mov',
      ['-map', '0:a:0', '-c', 'copy'],
      (await served(clip, 'play')).bytes,
    )
    assert.ok(streams.includes('mp4a'))
  })

  test('a recording whose header does not know how long it is has its duration all the same', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const bytes = await studio.make('recorded.webm', [
      ...[...pictures('320x240', 2), ...tone(2), '-c:v', 'libvpx', '-deadline', 'realtime'],
      ...['-c:a', 'libopus', '-f', 'webm', '-live', '1'],
    ])
    const clip = await process(bytes)
    assert.ok(clip.durationMs && Math.abs(clip.durationMs - 2_000) < 150, String(clip.durationMs))
    assert.deepEqual(namesOf(clip), ['w320', 'play', 'download'])
  })

  test('the poster is not black where there is something to see later', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const bytes = await studio.make('dark.mp4', [
      ...pictures('320x240', 4),
      ...['-vf', "drawbox=color=black:t=fill:enable='lt(t,0.8)'", '-c:v', 'libx264'],
    ])
    const clip = await process(bytes)
    const { bytes: poster } = (await stage.serveAll(clip)).get('w320') ?? assert.fail()
    const { channels } = await sharp(poster).stats()
    assert.ok(channels.some(({ mean }) => mean > 60))
  })
})

test('without ffmpeg a video is handed out as it came, with the reason, and that is said at start', async (t) => {
  const stage = await MediaStage.open({ ffmpegPath: '/nowhere/ffmpeg' })
  t.after(() => stage.close())
  assert.ok(stage.told.some(({ what }) => what === 'ffmpegMissing'))
  assert.equal(stage.worker.canPlay, false)
  const bytes = Buffer.from('\0\0\0\u0018ftypisom\0\0\u0002\0isommp41', 'latin1')
  const clip = await stage.process({ bytes, name: 'clip.mp4', contentType: 'video/mp4' })
  assert.deepEqual([clip.state, clip.reason], ['ready', 'no_ffmpeg'])
  assert.deepEqual(
    clip.variants?.map(({ name }) => name),
    ['original'],
  )
})
