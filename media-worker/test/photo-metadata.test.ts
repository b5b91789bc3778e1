import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { inflateSync } from 'node:zlib'
import sharp from 'sharp'
import { requireProgram } from '../../scripts/programs.mjs'
import { openTemporaryFolder } from '../../chat-core/test/support/temporary-folder.ts'
import { sniffType } from '../src/sandbox/sniff-type.ts'
import { isUncleaned } from '../src/sandbox/uncleaned-types.ts'
import { MediaStage, type Served } from './support/media-stage.ts'
import { encodeHeic } from './support/test-heic.ts'
import {
  CORNER_COLOURS,
  MARKER,
  animationOf,
  colourIn,
  fourCorners,
  isNear,
  stored,
  type Corner,
} from './support/test-images.ts'
import {
  NOTES,
  annotatedGif,
  annotatedJpeg,
  annotatedPng,
  annotatedWebp,
} from './support/test-metadata.ts'

const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8]

describe('what a camera notes', { concurrency: 2 }, () => {
  let stage: MediaStage
  before(async () => {
    stage = await MediaStage.open()
  })
  after(() => stage.close())

  function assertSilent(served: ReadonlyMap<string, Served>): void {
    assert.ok(served.size > 0)
    for (const [name, { bytes }] of served) {
      for (const text of [MARKER, 'Exif', 'eXIf', 'adobe', '8BIM', 'MPF\0'])
        assert.ok(!bytes.includes(text, 0, 'latin1'), `${name}: ${text}`)
    }
  }
  async function assertUpright(served: ReadonlyMap<string, Served>): Promise<void> {
    for (const [name, { bytes }] of served) {
      assert.equal((await sharp(bytes).metadata()).orientation, undefined, name)
      for (const corner of Object.keys(CORNER_COLOURS) as Corner[]) {
        const colour = await colourIn(bytes, corner)
        assert.ok(isNear(colour, CORNER_COLOURS[corner]), `${corner} of ${name}`)
      }
    }
  }

  const kinds = {
    'image/jpeg': async (pixels: Buffer, orientation: number) =>
      annotatedJpeg(await sharp(pixels).jpeg({ quality: 90 }).toBuffer(), orientation),
    'image/png': async (pixels: Buffer, orientation: number) =>
      annotatedPng(await sharp(pixels).png().toBuffer(), orientation),
    'image/webp': async (pixels: Buffer, orientation: number) =>
      // With a profile it has the header that says what else is in it.
      annotatedWebp(await sharp(pixels).withIccProfile('srgb').webp().toBuffer(), orientation),
  }
  for (const [contentType, encode] of Object.entries(kinds)) {
    test(`in ${contentType} is in no variant, and turns the picture in all of them`, async () => {
      for (const orientation of ORIENTATIONS) {
        const bytes = await encode(
          await stored(await fourCorners(400, 240), orientation),
          orientation,
        )
        assert.ok(bytes.includes(NOTES.place) && bytes.includes(NOTES.maker))
        assert.equal((await sharp(bytes).metadata()).orientation ?? 1, orientation)
        const photo = await stage.process({ bytes, contentType })
        assert.deepEqual([photo.contentType, photo.reason], [contentType, undefined])
        assert.deepEqual([photo.width, photo.height], [400, 240], `orientation ${orientation}`)
        const served = await stage.serveAll(photo)
        assert.deepEqual([...served.keys()], ['w320', 'w800', 'download'])
        assertSilent(served)
        await assertUpright(served)
      }
    })
  }

  test('in a HEIC is in no variant', async (t) => {
    const heifEnc = requireProgram(t, 'heif-enc')
    if (heifEnc === undefined) return
    const jpeg = await sharp(await fourCorners(400, 240))
      .jpeg()
      .toBuffer()
    const bytes = await encodeHeic(heifEnc, annotatedJpeg(jpeg, 1))
    assert.ok(bytes.includes(NOTES.place) && bytes.includes(NOTES.maker))
    const served = await stage.serveAll(await stage.process({ bytes }))
    assert.deepEqual([...served.keys()], ['w320', 'w800', 'download'])
    assertSilent(served)
    await assertUpright(served)
  })

  const animations = {
    'a GIF': async () =>
      annotatedGif(await (await animationOf(['red', 'blue'], 90, 60)).gif().toBuffer()),
    'a WebP': async () =>
      annotatedWebp(await (await animationOf(['red', 'blue'], 90, 60)).webp().toBuffer(), 1),
  }
  for (const [what, make] of Object.entries(animations)) {
    test(`in ${what} that moves is in no variant`, async () => {
      const bytes = await make()
      assert.ok(bytes.includes(NOTES.comment) && bytes.includes(NOTES.xmp))
      const served = await stage.serveAll(await stage.process({ bytes }))
      assert.deepEqual([...served.keys()], ['w320', 'animated', 'download'])
      assertSilent(served)
    })
  }

  const uncleaned = {
    'image/tiff': async () =>
      sharp(await fourCorners(40, 24))
        .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${NOTES.xmp}</x:xmpmeta>`)
        .tiff()
        .toBuffer(),
    'image/x-canon-cr2': async () => Buffer.from(`II*\0\x10\0\0\0CR\x02\0${NOTES.place}`, 'latin1'),
    'image/x-fujifilm-raf': async () => Buffer.from(`FUJIFILMCCD-RAW ${NOTES.place}`, 'latin1'),
    'image/jxl': async () =>
      Buffer.from(`\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ${NOTES.place}`, 'latin1'),
  }
  for (const [contentType, make] of Object.entries(uncleaned)) {
    test(`in ${contentType}, which is not decoded, is handed out to nobody, nor is the rest of it`, async () => {
      const bytes = await make()
      assert.ok(bytes.includes(MARKER))
      const photo = await stage.process({ bytes, contentType })
      assert.deepEqual([photo.state, photo.contentType], ['ready', contentType])
      assert.deepEqual([photo.reason, photo.variants], ['not_cleaned', []])
    })
  }

  test('in a TIFF that lists at its end what is in it is handed out to nobody, either', async () => {
    const bytes = await sharp(await fourCorners(400, 400))
      .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${NOTES.xmp}</x:xmpmeta>`)
      .tiff({ compression: 'none' })
      .toBuffer()
    assert.ok(bytes.readUInt32LE(4) > 64 * 1_024)
    const photo = await stage.process({ bytes, contentType: 'image/tiff' })
    assert.deepEqual([photo.contentType, photo.reason], ['image/tiff', 'not_cleaned'])
    assert.deepEqual(photo.variants, [])
  })

  test('is not in the packed texts of a PNG either', async () => {
    const png = annotatedPng(await fourCorners(400, 240), 1)
    const served = await stage.serveAll(await stage.process({ bytes: png }))
    const bytes = served.get('download')?.bytes ?? Buffer.alloc(0)
    for (let at = bytes.indexOf(0x78); at !== -1; at = bytes.indexOf(0x78, at + 1)) {
      assert.ok(!inflated(bytes.subarray(at)).includes(MARKER))
    }
  })
})

test('photos that are not cleaned are known by how they begin', async (t) => {
  const folder = await openTemporaryFolder()
  t.after(() => folder.remove())
  const path = join(folder.path, 'file')
  const beginnings = [
    ['II*\0\0\0\x10\0', 'image/tiff'],
    ['MM\0*\0\x10\0\0', 'image/tiff'],
    ['II+\0\x08\0\0\0\0\0\x10\0\0\0\0\0', 'image/tiff'],
    ['MM\0+\0\x08\0\0\0\0\0\0\0\x10\0\0', 'image/tiff'],
    ['IIRO\0\0\x10\0', 'image/x-olympus-orf'],
    ['IIRS\x08\0\0\0', 'image/x-olympus-orf'],
    ['MMOR\0\0\0\x08', 'image/x-olympus-orf'],
    ['IIU\0\0\0\x10\0', 'image/x-panasonic-rw2'],
    ['II\x1a\0\0\0HEAPCCDR', 'image/x-canon-crw'],
    ['\0MRM\0\0\x10\0', 'image/x-minolta-mrw'],
    ['FOVb\0\0\x02\0', 'image/x-sigma-x3f'],
    ['\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypabcd', 'image/jp2'],
    ['BPG\xfb\0', 'image/bpg'],
    ['FLIF', 'image/flif'],
  ] as const
  for (const [beginning, contentType] of beginnings) {
    await writeFile(path, Buffer.from(beginning.padEnd(100_000, '\0'), 'latin1'))
    assert.equal(await sniffType(path), contentType, beginning)
    assert.ok(isUncleaned(contentType), contentType)
  }
  await writeFile(path, 'MMORPGs we play, and FOVb')
  assert.equal(await sniffType(path), 'text/plain')
})

/** Of what may be the beginning of something packed; empty when it is not. */
function inflated(bytes: Buffer): Buffer {
  try {
    return inflateSync(bytes)
  } catch {
    return Buffer.alloc(0)
  }
}
