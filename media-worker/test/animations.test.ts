import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import sharp, { type Sharp } from 'sharp'
import { requireProgram } from '../../scripts/programs.mjs'
import { MediaStage } from './support/media-stage.ts'
import { MARKER, animationOf, colourIn, isNear } from './support/test-images.ts'

describe('animations', { concurrency: 2 }, () => {
  let stage: MediaStage
  before(async () => {
    stage = await MediaStage.open()
  })
  after(() => stage.close())

  const pace = { delay: [40, 250, 90], loop: 3 }
  const kinds = {
    'image/gif': (image: Sharp) => image.gif(pace),
    'image/webp': (image: Sharp) =>
      image.withExif({ IFD0: { ImageDescription: MARKER } }).webp(pace),
  }
  for (const [contentType, encode] of Object.entries(kinds)) {
    test(`of ${contentType} have a small moving copy at their pace, and stills of their first frame`, async () => {
      const frames = await animationOf(['#ff0000', '#00ff00', '#0000ff'], 900, 600)
      const photo = await stage.process({ bytes: await encode(frames).toBuffer(), contentType })
      assert.deepEqual([photo.contentType, photo.reason], [contentType, undefined])
      assert.deepEqual([photo.width, photo.height], [900, 600])
      const sizes = photo.variants?.map(({ name, width, height }) => [name, width, height])
      assert.deepEqual(sizes, [
        ['w320', 320, 213],
        ['w800', 800, 533],
        ['w1600', 900, 600],
        ['animated', 480, 320],
        ['download', undefined, undefined],
      ])
      const served = await stage.serveAll(photo)
      for (const [name, { bytes, headers }] of served) {
        const { pages = 1, delay, loop } = await sharp(bytes).metadata()
        assert.ok(!bytes.includes(MARKER), name)
        assert.ok(
          isNear(await colourIn(bytes, 'topLeft'), { r: 255, g: 0, b: 0 }),
          `${name} begins with the first frame`,
        )
        const isMoving = ['animated', 'download'].includes(name)
        assert.equal(pages, isMoving ? 3 : 1, name)
        if (isMoving) assert.deepEqual({ delay, loop }, pace)
        if (name === 'animated') assert.equal(headers['Content-Type'], 'image/webp')
      }
    })
  }

  test('of very many pixels move for as long as the limit allows', async () => {
    const colours = Array.from({ length: 40 }, (_, index) => `hsl(${index * 9} 100% 50%)`)
    const frames = await animationOf(colours, 1_250, 800)
    const photo = await stage.process({ bytes: await frames.gif().toBuffer() })
    assert.equal(photo.reason, undefined)
    const served = await stage.serveAll(photo)
    assert.equal((await sharp(served.get('animated')?.bytes).metadata()).pages, 30)
    assert.equal((await sharp(served.get('download')?.bytes).metadata()).pages, 40)
  })

  test('that are large have a silent video as well, a fraction of their size', async (t) => {
    if (requireProgram(t, 'ffmpeg') === undefined) return
    const colours = Array.from({ length: 12 }, (_, index) => `hsl(${index * 30} 100% 50%)`)
    const gif = await (await animationOf(colours, 601, 401)).gif().toBuffer()
    // Large by a comment of very many blocks: noise would take long to be packed.
    const block = Buffer.concat([Buffer.from([255]), Buffer.alloc(255, 0x20)])
    const comment = Buffer.concat([
      Buffer.from([0x21, 0xfe]),
      ...Array.from({ length: 8_000 }, () => block),
    ])
    const bytes = Buffer.concat([gif.subarray(0, -1), comment, Buffer.from([0, 0x3b])])
    assert.ok(bytes.length > 2_000_000)
    const photo = await stage.process({ bytes, contentType: 'image/gif' })
    assert.equal(photo.reason, undefined)
    const loop = photo.variants?.find(({ name }) => name === 'loop')
    assert.deepEqual([loop?.contentType, loop?.width, loop?.height], ['video/mp4', 602, 402])
    const served = (await stage.serveAll(photo)).get('loop')
    assert.ok(served && served.bytes.length < bytes.length)
    assert.equal(served.bytes.toString('latin1', 4, 8), 'ftyp')
    assert.equal(served.headers['Content-Type'], 'video/mp4')
    // Pictures and no sound.
    assert.ok(served.bytes.includes('vide') && !served.bytes.includes('soun'))
  })

  test('of one frame are pictures', async () => {
    const still = sharp({ create: { width: 90, height: 60, channels: 3, background: '#00ff00' } })
    const photo = await stage.process({ bytes: await still.gif().toBuffer() })
    assert.deepEqual(
      photo.variants?.map(({ name }) => name),
      ['w320', 'download'],
    )
  })

  test('that break off after their first frame are a download at least', async () => {
    const whole = await (await animationOf(['#ff0000', '#0000ff'], 300, 200)).gif().toBuffer()
    const photo = await stage.process({ bytes: whole.subarray(0, whole.length - 40) })
    assert.equal(photo.state, 'ready')
    assert.ok((await stage.serveAll(photo)).has('download'))
  })
})
