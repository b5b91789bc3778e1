import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import sharp from 'sharp'
import { MediaStage } from './support/media-stage.ts'
import { zipOf } from './support/test-archives.ts'
import { MARKER, animationOf, fourCorners, phoneJpeg } from './support/test-images.ts'

const SCRIPT = '<script>alert(document.domain)</script>'
const PAGE = Buffer.from(`<!doctype html><html><body>${SCRIPT}</body></html>`)

interface Expected {
  readonly contentType: string
  /** Nothing of what hides in it may be in anything that is served. */
  readonly isPicture: boolean
}

describe('a file that is two things', () => {
  let stage: MediaStage
  before(async () => {
    stage = await MediaStage.open()
  })
  after(() => stage.close())

  async function jpegWith(marker: number, payload: Buffer): Promise<Buffer> {
    const jpeg = await sharp(await fourCorners(60, 40))
      .jpeg()
      .toBuffer()
    const segment = Buffer.from([
      0xff,
      marker,
      (payload.length + 2) >> 8,
      (payload.length + 2) & 255,
    ])
    return Buffer.concat([jpeg.subarray(0, 2), segment, payload, jpeg.subarray(2)])
  }
  const png = async () =>
    sharp(await fourCorners(60, 40))
      .png()
      .toBuffer()
  const zip = zipOf({ 'index.html': PAGE, 'payload.txt': Buffer.from(SCRIPT) })
  const picture = (contentType: string): Expected => ({ contentType, isPicture: true })
  const plain = (contentType: string): Expected => ({ contentType, isPicture: false })

  const files: Readonly<Record<string, readonly [() => Promise<Buffer>, Expected]>> = {
    'a GIF with a page in its comment': [
      async () => {
        const gif = await sharp(await fourCorners(60, 40))
          .gif()
          .toBuffer()
        const comment = Buffer.concat([
          Buffer.from([0x21, 0xfe, PAGE.length]),
          PAGE,
          Buffer.from([0]),
        ])
        return Buffer.concat([gif.subarray(0, -1), comment, gif.subarray(-1)])
      },
      picture('image/gif'),
    ],
    'a moving GIF with a page after its end': [
      async () =>
        Buffer.concat([await (await animationOf(['red', 'blue'], 60, 40)).gif().toBuffer(), PAGE]),
      picture('image/gif'),
    ],
    'a JPEG with a page in its comment': [() => jpegWith(0xfe, PAGE), picture('image/jpeg')],
    'a JPEG with a zip in a segment of its own': [() => jpegWith(0xed, zip), picture('image/jpeg')],
    'a JPEG with a zip after its end': [
      async () => Buffer.concat([await phoneJpeg(await fourCorners(60, 40), 3), zip]),
      picture('image/jpeg'),
    ],
    'a PNG with a page after its end': [
      async () => Buffer.concat([await png(), PAGE]),
      picture('image/png'),
    ],
    'a WebP with a page after its end': [
      async () =>
        Buffer.concat([
          await sharp(await png())
            .webp()
            .toBuffer(),
          PAGE,
        ]),
      picture('image/webp'),
    ],
    'a PDF behind a page': [
      async () => Buffer.concat([PAGE, Buffer.from('\n%PDF-1.7\n1 0 obj\n')]),
      plain('text/plain'),
    ],
    'a PDF that runs a script': [
      async () => Buffer.from(`%PDF-1.7\n1 0 obj <</OpenAction <</JS (${SCRIPT})>>>>\n`),
      plain('application/pdf'),
    ],
    'a zip behind a program': [
      async () => Buffer.concat([Buffer.from('#!/bin/sh\nexit\n'), zip]),
      plain('application/octet-stream'),
    ],
    'an MP4 that is a page': [
      async () => Buffer.concat([Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42'), PAGE]),
      plain('video/mp4'),
    ],
    'a vector image, packed': [
      async () => zipOf({ 'a.svg': Buffer.from(`<svg>${SCRIPT}</svg>`) }),
      plain('application/zip'),
    ],
  }
  for (const [what, [make, expected]] of Object.entries(files)) {
    test(`${what} is served as ${expected.contentType} and nothing else`, async () => {
      const bytes = await make()
      for (const [name, contentType] of [
        ['page.html', 'text/html'],
        ['photo.jpg', 'image/jpeg'],
      ]) {
        const file = await stage.process({ bytes, name: name!, contentType: contentType! })
        assert.equal(file.state, 'ready')
        assert.equal(file.contentType, expected.contentType)
        assert.equal(file.thumbhash !== undefined, expected.isPicture)
        for (const [variant, { bytes: served, headers }] of await stage.serveAll(file)) {
          assert.doesNotMatch(headers['Content-Type'] ?? '', /html|svg|javascript|xml/)
          assert.equal(headers['X-Content-Type-Options'], 'nosniff')
          assert.equal(headers['Content-Security-Policy'], "default-src 'none'; sandbox")
          if (variant === 'original' || variant === 'download')
            assert.match(headers['Content-Disposition'] ?? '', /^attachment/)
          if (!expected.isPicture) continue
          for (const trace of ['<script', 'PK\x03\x04', MARKER])
            assert.ok(!served.includes(trace, 0, 'latin1'), `${variant}: ${trace}`)
        }
      }
    })
  }
})

describe('a picture that breaks off', () => {
  let stage: MediaStage
  before(async () => {
    stage = await MediaStage.open()
  })
  after(() => stage.close())

  const tags = { IFD0: { ImageDescription: MARKER }, IFD3: { GPSLatitude: '52/1 31/1 12/1' } }
  const kinds: Readonly<Record<string, () => Promise<Buffer>>> = {
    JPEG: async () => phoneJpeg(await fourCorners(300, 200), 6),
    'progressive JPEG': async () =>
      sharp(await fourCorners(300, 200))
        .withExif(tags)
        .jpeg({ progressive: true })
        .toBuffer(),
    PNG: async () =>
      sharp(await fourCorners(300, 200))
        .withExif(tags)
        .png()
        .toBuffer(),
    WebP: async () =>
      sharp(await fourCorners(300, 200))
        .withExif(tags)
        .webp()
        .toBuffer(),
    GIF: async () =>
      sharp(await fourCorners(300, 200))
        .gif()
        .toBuffer(),
    'moving WebP': async () =>
      (await animationOf(['red', 'green', 'blue'], 300, 200)).withExif(tags).webp().toBuffer(),
    'moving GIF': async () =>
      (await animationOf(['red', 'green', 'blue'], 300, 200)).gif().toBuffer(),
  }
  for (const [kind, make] of Object.entries(kinds)) {
    test(`a ${kind}, cut anywhere, is judged, and tells nothing of its place`, async () => {
      const whole = await make()
      const cuts = [
        1,
        4,
        13,
        30,
        whole.length >> 2,
        whole.length >> 1,
        whole.length - 30,
        whole.length - 1,
      ]
      await Promise.all(
        cuts.map(async (length) => {
          const file = await stage.process({ bytes: whole.subarray(0, length) })
          assert.equal(file.state, 'ready', `${length} bytes`)
          for (const [variant, { bytes }] of await stage.serveAll(file)) {
            if (variant === 'original') assert.doesNotMatch(file.contentType, /^image\//)
            else assert.ok(!bytes.includes(MARKER), `${variant} of ${length} bytes`)
          }
        }),
      )
    })
  }
})
