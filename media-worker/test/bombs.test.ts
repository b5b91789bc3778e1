import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { deflateSync, gzipSync } from 'node:zlib'
import sharp from 'sharp'
import {
  openTemporaryFolder,
  type TemporaryFolder,
} from '../../chat-core/test/support/temporary-folder.ts'
import { findConfinement } from '../src/sandbox/confinement.ts'
import type { Derived } from '../src/sandbox/derive-request.ts'
import { DEFAULT_POOL_OPTIONS, SandboxPool } from '../src/sandbox/sandbox-pool.ts'
import { avifOfTiles, avifPicture, avifWithAlpha } from './support/test-avif.ts'
import { flatPng, pngChunk, tinyGif, zipOf } from './support/test-archives.ts'

const MEGABYTE = 1024 * 1024
/** Node, sharp and one image of 50 MP on its way through them. */
const MOST_BYTES = 900 * MEGABYTE

describe('a bomb', () => {
  let folder: TemporaryFolder
  let pool: SandboxPool
  let files = 0
  before(async () => {
    folder = await openTemporaryFolder()
    const children = join(folder.path, 'children')
    const nodePath = process.execPath
    pool = new SandboxPool({
      ...DEFAULT_POOL_OPTIONS,
      ...{ nodePath, folder: children, size: 1, programs: {} },
      confinement: await findConfinement({ nodePath, folder: children }),
      // The machine may be busy with other tests.
      startDeadlineMs: 120_000,
      deadlines: { videoMs: 120_000, audioMs: 120_000, otherMs: 120_000 },
    })
  })
  after(async () => {
    await pool.close()
    await folder.remove()
  })

  /** What came of it, and the most memory that took. */
  async function explode(bytes: Buffer) {
    const inputPath = join(folder.path, `bomb-${++files}`)
    const outputFolder = join(folder.path, `made-${files}`)
    await writeFile(inputPath, bytes)
    await mkdir(outputFolder)
    let most = 0
    const watching = setInterval(() => {
      for (const pid of pool.busyPids) {
        void peakOf(pid).then((peak) => (most = Math.max(most, peak)))
      }
    }, 5)
    const outcome = await pool.derive({ inputPath, outputFolder, decode: true })
    clearInterval(watching)
    assert.equal(outcome.kind, 'derived', JSON.stringify(outcome))
    assert.ok(most < MOST_BYTES, `it took ${Math.round(most / MEGABYTE)} MB`)
    return { derived: outcome.derived, outputFolder }
  }
  const variantsOf = ({ files: made }: Derived) => made.map(({ variant }) => variant)

  test('of 256 million pixels in a few bytes is not decoded', async () => {
    const bytes = flatPng(16_000, 16_000)
    assert.ok(bytes.length < MEGABYTE / 2)
    const { derived } = await explode(bytes)
    assert.equal(derived.reason, 'too_many_pixels')
    assert.deepEqual(variantsOf(derived), ['download'])
  })

  test('of as many pixels as are allowed is a picture', async () => {
    const { derived } = await explode(flatPng(10_000, 5_000))
    assert.equal(derived.reason, undefined)
    assert.deepEqual(variantsOf(derived), ['w320', 'w800', 'w1600', 'download'])
  })

  const packed = deflateSync(Buffer.alloc(200 * MEGABYTE))
  for (const [type, name] of [
    ['iCCP', 'p\0\0'],
    ['zTXt', 'Comment\0\0'],
    ['iTXt', 'Comment\0\x01\0\0\0'],
  ] as const) {
    test(`of 200 MB packed into ${type} beside the pixels is not unpacked`, async () => {
      const chunk = pngChunk(type, Buffer.concat([Buffer.from(name, 'latin1'), packed]))
      const { derived } = await explode(flatPng(64, 64, chunk))
      assert.ok(variantsOf(derived).includes('download'))
    })
  }

  test('of ten thousand frames moves for a while', async () => {
    const { derived, outputFolder } = await explode(tinyGif(10_000))
    assert.deepEqual(variantsOf(derived), ['w320', 'animated', 'download'])
    const moving = await sharp(await readFile(join(outputFolder, 'animated'))).metadata()
    assert.ok((moving.pages ?? 1) <= 1_000, `${moving.pages} frames`)
  })

  test('of one pixel on a screen of 65,535 a side is a picture of one pixel', async () => {
    const { derived } = await explode(tinyGif(2, 65_535))
    assert.deepEqual([derived.reason, derived.width, derived.height], [undefined, 1, 1])
  })

  test('of an AVIF that says it is larger than it is, is not decoded', async () => {
    const create = { width: 64, height: 64, channels: 3, background: 'red' } as const
    const avif = await sharp({ create }).avif({ effort: 0 }).toBuffer()
    // Of the picture, and of what a decoder is told of it.
    const size = avif.indexOf('ispe') + 8
    avif.writeUInt32BE(60_000, size)
    avif.writeUInt32BE(60_000, size + 4)
    const { derived } = await explode(avif)
    assert.equal(derived.reason, 'too_many_pixels')
    assert.deepEqual([derived.keepsOriginal, variantsOf(derived)], [false, []])
  })

  test('of an AVIF whose transparency is far larger than its picture is not decoded', async () => {
    const [picture, alpha] = await Promise.all([
      avifPicture(64, 64),
      avifPicture(64, 64, { width: 16_384, height: 12_000 }),
    ])
    const { derived } = await explode(avifWithAlpha(picture, alpha))
    assert.deepEqual([derived.reason, variantsOf(derived)], ['too_many_pixels', []])
  })

  test('of an AVIF with large tiles is decoded up to a limit', async () => {
    const small = avifOfTiles(64, 64, await avifPicture(64, 64))
    assert.deepEqual(variantsOf((await explode(small)).derived), ['w320', 'download'])
    const largest = avifOfTiles(64, 64, await avifPicture(3_150, 3_150))
    assert.deepEqual(variantsOf((await explode(largest)).derived), ['w320', 'download'])
    const larger = await avifPicture(64, 64, { width: 3_200, height: 3_150 })
    assert.equal((await explode(avifOfTiles(64, 64, larger))).derived.reason, 'too_many_pixels')
    const again = avifOfTiles(64, 64, larger, [2, 2, 2, 2])
    assert.equal((await explode(again)).derived.reason, 'too_many_pixels')
  })

  test('of an AVIF as large as its transparency, up to the limit of both, is a picture', async () => {
    const picture = await avifPicture(4_400, 4_400)
    const { derived } = await explode(avifWithAlpha(picture, picture))
    assert.deepEqual([derived.reason, derived.width], [undefined, 4_400])
  })

  test('of a JPEG that says it is larger than it is says so', async () => {
    const jpeg = await sharp({
      create: { width: 64, height: 64, channels: 3, background: 'red' },
    })
      .jpeg()
      .toBuffer()
    const sizes = jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5
    for (const [side, reason] of [
      [60_000, 'too_many_pixels'],
      [7_000, undefined],
    ] as const) {
      const lying = Buffer.from(jpeg)
      lying.writeUInt16BE(side, sizes)
      lying.writeUInt16BE(side, sizes + 2)
      const { derived } = await explode(lying)
      if (reason !== undefined) assert.equal(derived.reason, reason)
      assert.ok(variantsOf(derived).includes('download'))
    }
  })

  const zeros = Buffer.alloc(100 * MEGABYTE)
  const inner = zipOf({ zeros })
  const archives: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
    'a zip': [inner, /^application\/zip$/],
    'a zip of zips of zips': [
      zipOf(Object.fromEntries([1, 2, 3].map((n) => [`${n}.zip`, zipOf({ inner })]))),
      /^application\/zip$/,
    ],
    'a gzip': [gzipSync(zeros), /^application\/gzip$/],
    'what begins like a document': [zipOf({ '[Content_Types].xml': zeros }), /^application\//],
  }
  for (const [what, [bytes, type]] of Object.entries(archives)) {
    test(`of ${what} stays packed, and is handed out as it came`, async () => {
      const { derived } = await explode(bytes)
      assert.match(derived.contentType, type)
      assert.deepEqual([derived.keepsOriginal, derived.files.length], [true, 0])
    })
  }
})

async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024
}
