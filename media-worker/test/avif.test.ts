import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import sharp from 'sharp'
import { requireProgram } from '../../scripts/programs.mjs'
import { MediaStage } from './support/media-stage.ts'
import { avifOfPages, avifPicture, withMajorBrand } from './support/test-avif.ts'
import { encodeHeic } from './support/test-heic.ts'
import {
  CORNER_COLOURS,
  MARKER,
  colourIn,
  fourCorners,
  isNear,
  phoneJpeg,
  type Corner,
} from './support/test-images.ts'

describe('AVIF', { concurrency: 2 }, () => {
  let stage: MediaStage
  before(async () => {
    stage = await MediaStage.open()
  })
  after(() => stage.close())

  async function cameraAvif(width: number, height: number): Promise<Buffer> {
    const upright = await fourCorners(width, height)
    const bytes = await sharp(await phoneJpeg(upright, 6))
      .keepMetadata()
      .avif({ effort: 0, quality: 80 })
      .toBuffer()
    assert.ok(bytes.includes(MARKER), 'the test image has metadata to be removed')
    return bytes
  }

  test('is a photo like any other, upright, downloads as a JPEG, and keeps its place to itself', async () => {
    const photo = await stage.process({ bytes: await cameraAvif(400, 240), name: 'a.avif' })
    assert.deepEqual([photo.contentType, photo.reason], ['image/avif', undefined])
    assert.deepEqual([photo.width, photo.height], [400, 240])
    const made = photo.variants?.map(({ name, contentType }) => [name, contentType])
    assert.deepEqual(made, [
      ['w320', 'image/webp'],
      ['w800', 'image/webp'],
      ['download', 'image/jpeg'],
    ])
    for (const [name, { bytes }] of await stage.serveAll(photo)) {
      for (const trace of [MARKER, 'Satchel Phone', 'Exif', 'adobe:ns:meta', 'ftyp'])
        assert.ok(!bytes.includes(trace, 0, 'latin1'), `${name}: ${trace}`)
      for (const corner of Object.keys(CORNER_COLOURS) as Corner[])
        assert.ok(
          isNear(await colourIn(bytes, corner), CORNER_COLOURS[corner]),
          `${corner} of ${name}`,
        )
    }
  })

  test('with transparency downloads as a PNG', async () => {
    const create = { width: 40, height: 30, channels: 4, background: '#ff000080' } as const
    const bytes = await sharp({ create }).avif({ effort: 0 }).toBuffer()
    const photo = await stage.process({ bytes, name: 'glass.avif' })
    assert.equal(photo.variants?.find(({ name }) => name === 'download')?.contentType, 'image/png')
  })

  test('under the main brand of HEIF as such is a photo, too', async () => {
    const bytes = withMajorBrand(await cameraAvif(400, 240), 'mif1')
    const photo = await stage.process({ bytes })
    assert.deepEqual([photo.contentType, photo.reason], ['image/avif', undefined])
    assert.deepEqual([photo.width, photo.height], [400, 240])
  })

  test('of a sequence is not opened, and its sender is told that it cannot be cleaned', async () => {
    const photo = await stage.process({ bytes: withMajorBrand(await cameraAvif(64, 48), 'avis') })
    assert.deepEqual([photo.contentType, photo.reason], ['image/avif', 'not_cleaned'])
    assert.deepEqual(photo.variants, [])
  })

  test('of two pictures shows the first, and does not move', async () => {
    const picture = await avifPicture(64, 48)
    const photo = await stage.process({ bytes: avifOfPages(picture, picture) })
    const names = photo.variants?.map(({ name }) => name)
    assert.deepEqual([photo.reason, names], [undefined, ['w320', 'download']])
  })

  test('broken off at any length is unreadable, and nothing of it is handed out', async () => {
    const whole = await cameraAvif(400, 240)
    for (const part of [0.1, 0.5, 0.9]) {
      const photo = await stage.process({ bytes: whole.subarray(0, whole.length * part) })
      assert.deepEqual([photo.state, photo.reason], ['ready', 'unreadable'], String(part))
      assert.deepEqual(photo.variants, [])
    }
  })

  test('that is HEIC inside is not decoded as what it says', async (t) => {
    const heifEnc = requireProgram(t, 'heif-enc')
    if (heifEnc === undefined) return
    const heic = await encodeHeic(heifEnc, await phoneJpeg(await fourCorners(64, 64), 1))
    const bytes = Buffer.from(heic)
    bytes.write('avif', bytes.indexOf('ftyp') + 4, 'latin1')
    const photo = await stage.process({ bytes })
    assert.deepEqual([photo.contentType, photo.reason], ['image/avif', 'unreadable'])
    assert.deepEqual(photo.variants, [])
  })
})
