import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Attachment } from '@satchel/protocol'
import sharp, { type Sharp } from 'sharp'
import { thumbHashToApproximateAspectRatio } from 'thumbhash'
import { MediaStage, type Served } from './support/media-stage.ts'
import {
  CORNER_COLOURS,
  MARKER,
  colourIn,
  fourCorners,
  isNear,
  phoneJpeg,
  type Corner,
} from './support/test-images.ts'

/** Beginnings of metadata in any of the formats that are served. */
const METADATA = [MARKER, 'Exif\0\0', 'EXIF', 'eXIf', 'XMP ', 'adobe:ns:meta', 'Photoshop 3.0']

describe('photos', { concurrency: 2 }, () => {
  let stage: MediaStage
  before(async () => {
    stage = await MediaStage.open()
  })
  after(() => stage.close())

  async function assertUpright(served: ReadonlyMap<string, Served>): Promise<void> {
    for (const [name, { bytes }] of served) {
      for (const corner of Object.keys(CORNER_COLOURS) as Corner[]) {
        const colour = await colourIn(bytes, corner)
        assert.ok(
          isNear(colour, CORNER_COLOURS[corner]),
          `${corner} of ${name} is ${JSON.stringify(colour)}`,
        )
      }
    }
  }

  function assertNoMetadata(served: ReadonlyMap<string, Served>): void {
    assert.ok(served.size > 0)
    for (const [name, { bytes }] of served) {
      for (const trace of METADATA)
        assert.ok(!bytes.includes(trace, 0, 'latin1'), `${name}: ${trace}`)
    }
  }

  function sizesOf({ variants = [] }: Attachment) {
    return Object.fromEntries(variants.map(({ name, width, height }) => [name, [width, height]]))
  }

  test('a 12 MP phone photo, lying on its side, is served upright and says nothing of where it was taken', async () => {
    const bytes = await phoneJpeg(await fourCorners(3_000, 4_000), 6)
    assert.ok(bytes.includes(MARKER), 'the test image has metadata to be removed')
    assert.equal((await sharp(bytes).metadata()).orientation, 6)
    const photo = await stage.process({ bytes })
    assert.equal(photo.state, 'ready')
    assert.equal(photo.reason, undefined)
    assert.equal(photo.contentType, 'image/jpeg')
    assert.deepEqual([photo.width, photo.height], [3_000, 4_000])
    assert.deepEqual(sizesOf(photo), {
      w320: [240, 320],
      w800: [600, 800],
      w1600: [1_200, 1_600],
      download: [3_000, 4_000],
    })
    const served = await stage.serveAll(photo)
    assertNoMetadata(served)
    await assertUpright(served)
    for (const [name, { bytes: made, headers }] of served) {
      const metadata = await sharp(made).metadata()
      assert.equal(metadata.format, name === 'download' ? 'jpeg' : 'webp')
      assert.equal(headers['Content-Type'], name === 'download' ? 'image/jpeg' : 'image/webp')
      assert.equal(
        metadata.exif ?? metadata.xmp ?? metadata.iptc ?? metadata.orientation,
        undefined,
      )
    }
  })

  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    test(`orientation ${orientation} comes out upright`, async () => {
      const bytes = await phoneJpeg(await fourCorners(640, 400), orientation)
      const photo = await stage.process({ bytes })
      assert.deepEqual([photo.width, photo.height], [640, 400])
      const served = await stage.serveAll(photo)
      await assertUpright(served)
      assertNoMetadata(served)
    })
  }

  test('nothing is enlarged, and a size that would equal a smaller one is left out', async () => {
    const sizes = async (width: number, height: number) =>
      sizesOf(await stage.process({ bytes: await fourCorners(width, height) }))
    assert.deepEqual(await sizes(200, 100), { w320: [200, 100], download: [200, 100] })
    assert.deepEqual(await sizes(320, 320), { w320: [320, 320], download: [320, 320] })
    assert.deepEqual(await sizes(321, 10), {
      w320: [320, 10],
      w800: [321, 10],
      download: [321, 10],
    })
    assert.deepEqual(await sizes(1, 1), { w320: [1, 1], download: [1, 1] })
  })

  test('a thumbhash has the shape of the upright picture', async () => {
    const photo = await stage.process({ bytes: await phoneJpeg(await fourCorners(900, 300), 8) })
    assert.ok(photo.thumbhash)
    const ratio = thumbHashToApproximateAspectRatio(Buffer.from(photo.thumbhash, 'base64url'))
    assert.ok(ratio > 2, `${ratio} is wide`)
  })

  test('transparency is kept, in previews and in the download', async () => {
    const bytes = await sharp({
      create: { width: 500, height: 400, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } },
    })
      .withExif({ IFD0: { ImageDescription: MARKER } })
      .png()
      .toBuffer()
    assert.ok(bytes.includes(MARKER))
    const photo = await stage.process({ bytes, contentType: 'image/png', name: 'logo.png' })
    assert.equal(photo.contentType, 'image/png')
    const served = await stage.serveAll(photo)
    assertNoMetadata(served)
    for (const { bytes: made } of served.values()) {
      const { data } = await sharp(made).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
      assert.equal(data[3], 0)
    }
    assert.equal((await sharp(served.get('download')?.bytes).metadata()).format, 'png')
  })

  test('colours outside sRGB are brought into it', async () => {
    const green = { r: 0, g: 255, b: 0 }
    const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: green } })
      .withIccProfile('p3')
      .jpeg({ quality: 100 })
      .toBuffer()
    const raw = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer()
    const photo = await stage.process({ bytes })
    for (const { bytes: made } of (await stage.serveAll(photo)).values()) {
      const { icc } = await sharp(made).metadata()
      assert.equal(icc, undefined)
      const colour = await colourIn(made, 'topLeft')
      assert.ok(
        isNear(colour, green),
        `p3 ${raw[0]},${raw[1]},${raw[2]} → ${JSON.stringify(colour)}`,
      )
    }
  })

  const kinds = {
    'grey JPEG': (image: Sharp) => image.toColourspace('b-w').jpeg(),
    'grey PNG with alpha': (image: Sharp) => image.ensureAlpha(0.5).toColourspace('b-w').png(),
    'CMYK JPEG': (image: Sharp) => image.toColourspace('cmyk').jpeg(),
    'PNG of 16 bits': (image: Sharp) => image.toColourspace('rgb16').png(),
    'PNG with a palette': (image: Sharp) => image.png({ palette: true }),
    'progressive JPEG': (image: Sharp) => image.jpeg({ progressive: true }),
    'lossless WebP': (image: Sharp) => image.webp({ lossless: true }),
  }
  for (const [kind, encode] of Object.entries(kinds)) {
    test(`a ${kind} has previews in ordinary colours`, async () => {
      const bytes = await encode(sharp(await fourCorners(900, 600))).toBuffer()
      const photo = await stage.process({ bytes })
      assert.equal(photo.reason, undefined)
      assert.ok(photo.thumbhash)
      assert.deepEqual(sizesOf(photo), {
        w320: [320, 213],
        w800: [800, 533],
        w1600: [900, 600],
        download: [900, 600],
      })
      const served = await stage.serveAll(photo)
      for (const { bytes: made } of served.values()) {
        const { space, depth } = await sharp(made).metadata()
        assert.match(`${space} ${depth}`, /^(srgb|b-w) uchar$/)
      }
      // A press has no pure green, and grey has none at all.
      if (!/grey|CMYK/.test(kind)) await assertUpright(served)
    })
  }

  test('WebP photos lose their metadata too', async () => {
    const bytes = await sharp(await fourCorners(500, 500))
      .withExif({ IFD0: { ImageDescription: MARKER } })
      .webp()
      .toBuffer()
    assert.ok(bytes.includes(MARKER))
    const photo = await stage.process({ bytes, contentType: 'image/webp' })
    assert.equal(photo.contentType, 'image/webp')
    const served = await stage.serveAll(photo)
    assertNoMetadata(served)
    await assertUpright(served)
  })

  test('an animated GIF shows its first frame and is downloaded moving, without comments', async () => {
    const frames = await Promise.all(
      ['#ff0000', '#0000ff'].map((background) =>
        sharp({ create: { width: 90, height: 60, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    )
    const animated = await sharp(frames, { join: { animated: true } })
      .gif({ loop: 3 })
      .toBuffer()
    // A comment extension just before the trailer.
    const comment = Buffer.concat([
      Buffer.from([0x21, 0xfe, MARKER.length]),
      Buffer.from(MARKER),
      Buffer.from([0]),
    ])
    const bytes = Buffer.concat([animated.subarray(0, -1), comment, Buffer.from([0x3b])])
    const photo = await stage.process({ bytes, contentType: 'image/gif', name: 'a.gif' })
    assert.equal(photo.contentType, 'image/gif')
    const served = await stage.serveAll(photo)
    assertNoMetadata(served)
    const preview = served.get('w320')?.bytes
    assert.ok(preview && isNear(await colourIn(preview, 'topLeft'), { r: 255, g: 0, b: 0 }))
    const download = await sharp(served.get('download')?.bytes, { animated: true }).metadata()
    assert.equal(download.pages, 2)
    assert.equal(download.loop, 3)
  })

  test('an animated WebP is downloaded moving, without metadata', async () => {
    const frames = await Promise.all(
      ['#ff0000', '#0000ff'].map((background) =>
        sharp({ create: { width: 90, height: 60, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    )
    const bytes = await sharp(frames, { join: { animated: true } })
      .withExif({ IFD0: { ImageDescription: MARKER } })
      .webp()
      .toBuffer()
    assert.ok(bytes.includes(MARKER))
    const photo = await stage.process({ bytes, contentType: 'image/webp' })
    const served = await stage.serveAll(photo)
    assertNoMetadata(served)
    const download = await sharp(served.get('download')?.bytes, { animated: true }).metadata()
    assert.equal(download.pages, 2)
  })
})
