import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import type { Attachment } from '@satchel/protocol'
import sharp from 'sharp'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import { MediaStage } from './support/media-stage.ts'
import { MARKER, fourCorners, noise, phoneJpeg } from './support/test-images.ts'

const SCRIPT = '<script>alert(document.domain)</script>'

describe('hostile files', () => {
  let stage: MediaStage
  before(async () => {
    stage = await MediaStage.open()
  })
  after(() => stage.close())

  function variantNames({ variants = [] }: Attachment): readonly string[] {
    return variants.map(({ name }) => name)
  }
  async function download(attachment: Attachment, variant: string) {
    const served = (await stage.serveAll(attachment)).get(variant)
    assert.ok(served, `there is ${variant}`)
    assert.match(served.headers['Content-Disposition'] ?? '', /^attachment/)
    assert.equal(served.headers['X-Content-Type-Options'], 'nosniff')
    return served
  }

  test('a photo that breaks off is a download without previews, and still says nothing of its place', async () => {
    const whole = await phoneJpeg(await noise(1_200, 900), 6)
    const file = await stage.process({ bytes: whole.subarray(0, whole.length / 2) })
    assert.equal(file.state, 'ready')
    assert.equal(file.reason, 'unreadable')
    assert.deepEqual(variantNames(file), ['download'])
    const { bytes } = await download(file, 'download')
    assert.ok(bytes.length > whole.length / 4)
    assert.ok(!bytes.includes(MARKER) && !bytes.includes('Satchel Phone'))
    assert.equal((await sharp(bytes, { failOn: 'none' }).metadata()).orientation, 6)
  })

  test('a photo that breaks off in its metadata has no picture, and nothing is handed out', async () => {
    const whole = await phoneJpeg(await fourCorners(50, 50), 6)
    const file = await stage.process({ bytes: whole.subarray(0, whole.indexOf(MARKER) + 30) })
    assert.equal(file.state, 'ready')
    assert.equal(file.reason, 'unreadable')
    assert.deepEqual(variantNames(file), [])
  })

  test('a PNG over the pixel limit is not decoded, and loses its metadata all the same', async () => {
    const chunk = (type: string, data: Buffer) => {
      const bytes = Buffer.alloc(12 + data.length)
      bytes.writeUInt32BE(data.length, 0)
      bytes.write(type, 4, 'latin1')
      data.copy(bytes, 8)
      return bytes
    }
    const header = Buffer.alloc(13)
    header.writeUInt32BE(30_000, 0)
    header.writeUInt32BE(30_000, 4)
    header.set([8, 0, 0, 0, 0], 8)
    const bytes = Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      chunk('IHDR', header),
      chunk('tEXt', Buffer.from(`Comment\0${MARKER}`)),
      chunk('IDAT', deflateSync(Buffer.alloc(1_000_000))),
      chunk('IEND', Buffer.alloc(0)),
    ])
    const file = await stage.process({ bytes, contentType: 'image/png', name: 'bomb.png' })
    assert.equal(file.state, 'ready')
    assert.equal(file.reason, 'too_many_pixels')
    assert.deepEqual(variantNames(file), ['download'])
    assert.ok(!(await download(file, 'download')).bytes.includes(MARKER))
  })

  test('a PNG that promises more than it holds is told so', async () => {
    const png = await sharp(await fourCorners(400, 400))
      .png()
      .toBuffer()
    const file = await stage.process({ bytes: png.subarray(0, 300), contentType: 'image/png' })
    assert.equal(file.state, 'ready')
    assert.equal(file.reason, 'unreadable')
  })

  test('what is appended to a photo is in no byte that is served', async () => {
    const jpeg = await phoneJpeg(await fourCorners(400, 300), 1)
    const bytes = Buffer.concat([jpeg, Buffer.from(SCRIPT), Buffer.from('PK\x03\x04 a zip')])
    const file = await stage.process({ bytes })
    assert.equal(file.reason, undefined)
    for (const [name, served] of await stage.serveAll(file)) {
      assert.ok(!served.bytes.includes('<script'), name)
      assert.ok(!served.bytes.includes('a zip'), name)
    }
  })

  test('a GIF that is also a script is served as a picture only', async () => {
    const gif = await sharp(await fourCorners(40, 30))
      .gif()
      .toBuffer()
    const bytes = Buffer.concat([gif, Buffer.from(`/*${SCRIPT}*/`)])
    const file = await stage.process({ bytes, name: 'x.js', contentType: 'text/javascript' })
    assert.equal(file.contentType, 'image/gif')
    for (const [name, served] of await stage.serveAll(file)) {
      assert.ok(!served.bytes.includes('<script'), name)
      assert.match(served.headers['Content-Type'] ?? '', /^image\//)
    }
  })

  test('a file is what is in it, whatever it is called', async () => {
    const png = await sharp(await fourCorners(40, 30))
      .png()
      .toBuffer()
    const file = await stage.process({ bytes: png, name: 'photo.jpg', contentType: 'image/jpeg' })
    assert.equal(file.contentType, 'image/png')
    assert.deepEqual(variantNames(file), ['w320', 'download'])
  })

  const texts = [
    ['HTML named as a photo', `<!doctype html><html>${SCRIPT}</html>`, 'text/plain'],
    ['SVG', `<svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`, 'text/plain'],
    ['SVG with a prolog', `<?xml version="1.0"?><svg>${SCRIPT}</svg>`, 'application/xml'],
    ['a playlist that names local files', '#EXTM3U\nfile:///etc/passwd\n', 'text/plain'],
    ['bytes of no known kind', '\0\x01\x02\x03', 'application/octet-stream'],
    ['a photo that is only its first bytes', '\xff\xd8\xff\xe0', 'image/jpeg'],
  ] as const
  for (const [what, text, contentType] of texts) {
    test(`${what}: a download at most, never shown`, async () => {
      const bytes = Buffer.from(text, 'latin1')
      const file = await stage.process({ bytes, name: 'photo.jpg', contentType: 'image/jpeg' })
      assert.equal(file.state, 'ready')
      assert.equal(file.contentType, contentType)
      assert.equal(file.thumbhash, undefined)
      if (contentType === 'image/jpeg') {
        assert.deepEqual(variantNames(file), [])
        assert.equal(file.reason, 'unreadable')
        return
      }
      assert.deepEqual(variantNames(file), ['original'])
      const served = await download(file, 'original')
      assert.ok(served.bytes.equals(bytes))
      assert.doesNotMatch(served.headers['Content-Type'] ?? '', /html|svg|image|javascript/)
      assert.equal(served.headers['Content-Security-Policy'], "default-src 'none'; sandbox")
    })
  }

  test('an empty file is a download of nothing', async () => {
    const file = await stage.process({ bytes: Buffer.alloc(0), name: 'empty.jpg' })
    assert.equal(file.state, 'ready')
    assert.equal(file.contentType, 'application/octet-stream')
    assert.equal((await download(file, 'original')).contentLength, 0)
  })

  test('a file that is not the one announced is rejected and its bytes go', async () => {
    const sha256 = Buffer.alloc(32, 1).toString('base64url')
    const id = await stage.upload({ bytes: Buffer.from('other bytes'), sha256 })
    const file = await stage.judged(id)
    assert.equal(file.state, 'rejected')
    assert.equal((await stage.row(file.id)).reason, 'file_changed')
    assert.equal(file.variants, undefined)
    const { staging, copyKey } = await stage.row(id)
    for (const key of [staging.key, `blob/${copyKey}`])
      await eventually(async () => assert.equal(await stage.backend.objects.head(key), undefined))
  })
})
