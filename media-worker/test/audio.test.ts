import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Attachment } from '@satchel/protocol'
import { MediaStage } from './support/media-stage.ts'
import { openStudio, TITLE, tone } from './support/test-videos.ts'

interface Kind {
  readonly file: string
  readonly options: readonly string[]
  readonly contentType: string
  readonly play: string
  readonly download?: string
}

const KINDS: readonly Kind[] = [
  { file: 'a.mp3', options: ['-c:a', 'libmp3lame'], contentType: 'audio/mpeg', play: 'audio/mpeg' },
  { file: 'a.m4a', options: ['-c:a', 'aac'], contentType: 'audio/x-m4a', play: 'audio/x-m4a' },
  { file: 'a.mp4', options: ['-c:a', 'aac'], contentType: 'audio/x-m4a', play: 'audio/x-m4a' },
  { file: 'a.aac', options: ['-c:a', 'aac'], contentType: 'audio/aac', play: 'audio/x-m4a' },
  { file: 'a.wav', options: [], contentType: 'audio/wav', play: 'audio/wav' },
  {
    file: 'a.ogg',
    options: ['-c:a', 'libvorbis'],
    contentType: 'audio/ogg',
    play: 'audio/x-m4a',
    download: 'audio/ogg',
  },
  {
    file: 'a.opus',
    options: ['-c:a', 'libopus'],
    contentType: 'audio/ogg',
    play: 'audio/x-m4a',
    download: 'audio/ogg',
  },
  {
    file: 'a.flac',
    options: ['-c:a', 'flac'],
    contentType: 'audio/flac',
    play: 'audio/x-m4a',
    download: 'audio/flac',
  },
]

describe('audio', { concurrency: 2 }, () => {
  let stage: MediaStage
  before(async () => {
    stage = await MediaStage.open()
  })
  after(() => stage.close())

  const process = (bytes: Buffer) =>
    stage.process({ bytes, name: 'sound', contentType: 'video/mp4' })
  const typesOf = ({ variants = [] }: Attachment) =>
    Object.fromEntries(variants.map(({ name, contentType }) => [name, contentType]))
  const peaksOf = ({ waveform = '' }: Attachment) => Buffer.from(waveform, 'base64url')

  for (const { file, options, contentType, play, download } of KINDS) {
    test(`${file} of ${options[1] ?? 'PCM'} plays, has its duration and its waveform`, async (t) => {
      const studio = openStudio(t)
      if (studio === undefined) return
      const named = ['-metadata', `title=${TITLE}`]
      const bytes = await studio.make(file, [...tone(3), ...options, ...named])
      const sound = await process(bytes)
      assert.equal(sound.reason, undefined)
      assert.equal(sound.contentType, contentType)
      assert.deepEqual(typesOf(sound), { play, ...(download !== undefined && { download }) })
      assert.ok(sound.durationMs && Math.abs(sound.durationMs - 3_000) < 100)
      const peaks = peaksOf(sound)
      assert.ok(Math.abs(peaks.length - 30) <= 1, String(peaks.length))
      assert.ok(peaks.subarray(1, -1).every((peak) => peak > 60))
      for (const [name, served] of await stage.serveAll(sound)) {
        assert.ok(!served.bytes.includes(TITLE), name)
      }
    })
  }

  test('the cover of a song is not handed out with it', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const cover = await studio.make('cover.png', [
      ...['-f', 'lavfi', '-i', 'testsrc2=size=64x64', '-frames:v', '1'],
    ])
    const song = await studio.make(
      'song.mp3',
      [...tone(1), ...['-map', '1', '-map', '0', '-c:v', 'copy', '-c:a', 'libmp3lame']],
      cover,
    )
    assert.ok(song.includes('IHDR'))
    const sound = await process(song)
    assert.deepEqual(typesOf(sound), { play: 'audio/mpeg' })
    const { bytes } = (await stage.serveAll(sound)).get('play') ?? assert.fail()
    assert.ok(!bytes.includes('IHDR'))
  })

  test('a voice note as Chromium records it is sound, and plays in Safari as well', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const note = await studio.make('note.webm', [
      ...[...tone(4), '-c:a', 'libopus', '-f', 'webm', '-live', '1'],
    ])
    const sound = await process(note)
    assert.equal(sound.contentType, 'audio/webm')
    assert.equal(typesOf(sound)['play'], 'audio/x-m4a')
    assert.ok(sound.durationMs && Math.abs(sound.durationMs - 4_000) < 100)
    assert.equal(sound.width, undefined)
  })

  test('a quiet beginning is seen as quiet', async (t) => {
    const studio = openStudio(t)
    if (studio === undefined) return
    const rising = ['-af', "volume='if(lt(t,15),0.02,1)':eval=frame"]
    const sound = await process(await studio.make('a.wav', [...tone(30), ...rising]))
    const peaks = peaksOf(sound)
    assert.equal(peaks.length, 256)
    const [quiet = 0, loud = 0] = [peaks[20], peaks[200]]
    assert.ok(quiet > 2 && quiet * 4 < loud, `${quiet} ${loud}`)
  })
})
