import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import sharp from 'sharp'
import { requireProgram } from '../../scripts/programs.mjs'
import { MediaStage, type Served } from './support/media-stage.ts'
import { encodeHeic, type Turn } from './support/test-heic.ts'
import {
  CORNER_COLOURS,
  MARKER,
  colourIn,
  fourCorners,
  isNear,
  phoneJpeg,
  type Corner,
} from './support/test-images.ts'

const TRACES = [MARKER, 'Satchel Phone', 'Exif', 'adobe:ns:meta', 'ftyp']

describe('HEIC', { concurrency: 2 }, () => {
  let stage: MediaStage
  before(async () => {
    stage = await MediaStage.open()
  })
  after(() => stage.close())

  async function assertUprightAndClean(served: ReadonlyMap<string, Served>): Promise<void> {
    assert.ok(served.size > 0)
    for (const [name, { bytes }] of served) {
      for (const trace of TRACES)
        assert.ok(!bytes.includes(trace, 0, 'latin1'), `${name}: ${trace}`)
      for (const corner of Object.keys(CORNER_COLOURS) as Corner[]) {
        const colour = await colourIn(bytes, corner)
        assert.ok(isNear(colour, CORNER_COLOURS[corner]), `${corner} of ${name}`)
      }
    }
  }

  test('a photo of a phone is shown like any other, downloads as a JPEG, and keeps its place to itself', async (t) => {
    const heifEnc = requireProgram(t, 'heif-enc')
    if (heifEnc === undefined) return
    const bytes = await encodeHeic(heifEnc, await phoneJpeg(await fourCorners(2_000, 1_200), 1))
    assert.ok(bytes.includes(MARKER), 'the test image has metadata to be removed')
    // As phones name it when they hand it to a browser that asked for photos.
    const photo = await stage.process({ bytes, name: 'IMG_1.JPG', contentType: 'image/jpeg' })
    assert.equal(photo.state, 'ready')
    assert.equal(photo.reason, undefined)
    assert.equal(photo.contentType, 'image/heic')
    assert.deepEqual([photo.width, photo.height], [2_000, 1_200])
    assert.ok(photo.thumbhash)
    const sizes = photo.variants?.map(({ name, contentType, width }) => [name, contentType, width])
    assert.deepEqual(sizes, [
      ['w320', 'image/webp', 320],
      ['w800', 'image/webp', 800],
      ['w1600', 'image/webp', 1_600],
      ['download', 'image/jpeg', 2_000],
    ])
    await assertUprightAndClean(await stage.serveAll(photo))
  })

  const turns: readonly [Turn, number][] = [
    [['irot', 1], 8],
    [['irot', 2], 3],
    [['irot', 3], 6],
    [['imir', 1], 2],
    [['imir', 0], 4],
  ]
  for (const [turn, orientation] of turns) {
    test(`a photo that says ${turn.join(' ')} comes out upright, whatever its Exif says`, async (t) => {
      const heifEnc = requireProgram(t, 'heif-enc')
      if (heifEnc === undefined) return
      const jpeg = await phoneJpeg(await fourCorners(400, 240), orientation)
      const photo = await stage.process({ bytes: await encodeHeic(heifEnc, jpeg, turn) })
      assert.deepEqual([photo.contentType, photo.reason], ['image/heic', undefined])
      assert.deepEqual([photo.width, photo.height], [400, 240])
      await assertUprightAndClean(await stage.serveAll(photo))
    })
  }

  test('more pixels than the limit are not decoded, and nothing of the file is handed out', async (t) => {
    const heifEnc = requireProgram(t, 'heif-enc')
    if (heifEnc === undefined) return
    const bytes = await encodeHeic(heifEnc, await phoneJpeg(await fourCorners(64, 64), 1))
    const sizes = bytes.indexOf('ispe') + 8
    bytes.writeUInt32BE(10_000, sizes)
    bytes.writeUInt32BE(10_000, sizes + 4)
    const photo = await stage.process({ bytes })
    assert.equal(photo.state, 'ready')
    assert.equal(photo.reason, 'too_many_pixels')
    assert.deepEqual(photo.variants, [])
  })

  test('one that breaks off is unreadable at any length, and never fails the worker', async (t) => {
    const heifEnc = requireProgram(t, 'heif-enc')
    if (heifEnc === undefined) return
    const whole = await encodeHeic(heifEnc, await phoneJpeg(await fourCorners(400, 300), 1))
    for (const share of [0.02, 0.3, 0.9]) {
      const bytes = whole.subarray(0, Math.max(40, Math.floor(whole.length * share)))
      const photo = await stage.process({ bytes })
      assert.equal(photo.state, 'ready')
      assert.equal(photo.reason, 'unreadable')
      assert.deepEqual(photo.variants, [])
    }
  })

  test('colours of a wider space come out as those of every screen', async (t) => {
    const heifEnc = requireProgram(t, 'heif-enc')
    if (heifEnc === undefined) return
    // The same numbers mean a stronger green there than here.
    const wide = await sharp({
      create: { width: 64, height: 64, channels: 3, background: { r: 0, g: 250, b: 0 } },
    })
      .withIccProfile('p3')
      .jpeg({ quality: 100 })
      .toBuffer()
    const stored = await colourIn(
      await sharp(wide).toColourspace('srgb').png().toBuffer(),
      'topLeft',
    )
    const photo = await stage.process({ bytes: await encodeHeic(heifEnc, wide) })
    const served = (await stage.serveAll(photo)).get('download')
    assert.ok(served)
    assert.ok(isNear(await colourIn(served.bytes, 'topLeft'), stored), JSON.stringify(stored))
  })
})
