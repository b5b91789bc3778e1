import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { newBlobKey, type BlobKey } from '@satchel/protocol'
import { openObjectFolder } from '../../src/adapters/embedded/object-folder.ts'
import { openEmbeddedObjectStore } from '../../src/adapters/embedded/object-store.ts'
import { SatchelLinks } from '../../src/links/satchel-links.ts'
import { TYPES_BY_EXTENSION, extensionOf, typeOfExtension } from '../../src/links/media-types.ts'
import { objectKeyOf } from '../../src/links/object-keys.ts'
import { openMedia, type MediaRequest } from '../../src/links/open-media.ts'
import { bytesOf, chunksOf } from '../support/bytes.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const HOUR_MS = 3_600_000
const TEXT = 'abcdefghij'

async function openStage(test: TestContext) {
  const folder = await openTemporaryFolder()
  test.after(() => folder.remove())
  const objects = openEmbeddedObjectStore(await openObjectFolder(folder.path))
  const clock = new ManualClock()
  const links = new SatchelLinks({ secret: new Uint8Array(32), windowMs: HOUR_MS })
  const blob = newBlobKey()
  const condemned = new Set<BlobKey>()
  const put = (variant: string) =>
    objects.put(
      objectKeyOf({ blob, pipelineVersion: 1, variant }),
      chunksOf(Buffer.from(TEXT)),
      TEXT.length,
    )
  await put('w320')
  await put('original')
  async function get(
    request: Partial<MediaRequest> = {},
    { variant = 'w320', contentType = 'image/webp', name = undefined as string | undefined } = {},
  ) {
    const target = { blob, pipelineVersion: 1, variant, contentType }
    const [path = '', query = ''] = links.sign(target, clock.nowMs(), name).url.split('?')
    const isCondemned = (key: BlobKey) => Promise.resolve(condemned.has(key))
    const deps = { objects, verifier: links, clock, isCondemned }
    const response = await openMedia(deps, { method: 'GET', path, query, ...request })
    const { body } = response
    return { ...response, text: body === undefined ? undefined : String(await bytesOf(body)) }
  }
  return { objects, clock, blob, condemned, links, put, get }
}

test('a preview is shown in place, by nobody but an image tag', async (t) => {
  const { get, blob } = await openStage(t)
  const { status, headers, contentLength, text } = await get()
  assert.deepEqual([status, contentLength, text], [200, 10, TEXT])
  const { 'Cache-Control': cacheControl, ...others } = headers
  assert.match(cacheControl ?? '', /^private, max-age=\d{4}, immutable$/)
  assert.deepEqual(others, {
    'Content-Type': 'image/webp',
    ETag: `"${blob}-1-w320"`,
    'Accept-Ranges': 'bytes',
    'Content-Disposition': 'inline',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Referrer-Policy': 'no-referrer',
  })
})

test('an original is a download under its name, in whatever letters', async (t) => {
  const { get } = await openStage(t)
  const original = { variant: 'original', contentType: 'application/pdf' }
  const named = await get({}, { ...original, name: 'Zoë "1".pdf\r\nX: y' })
  assert.equal(named.headers['Content-Type'], 'application/pdf')
  assert.equal(
    named.headers['Content-Disposition'],
    `attachment; filename="Zo_ _1_.pdf__X_ y"; filename*=UTF-8''Zo%C3%AB%20%221%22.pdf%0D%0AX%3A%20y`,
  )
  const nameless = await get({}, original)
  assert.match(nameless.headers['Content-Disposition'] ?? '', /^attachment; filename="original"/)
})

test('what is made to be played is played in place, and nothing else is', async (t) => {
  const { get, put } = await openStage(t)
  for (const [variant, contentType] of [
    ['animated', 'image/webp'],
    ['loop', 'video/mp4'],
    ['play', 'video/mp4'],
    ['play', 'audio/mpeg'],
    ['play', 'audio/x-m4a'],
    ['play', 'audio/ogg'],
    ['play', 'audio/wav'],
  ] as const) {
    await put(variant)
    const { headers } = await get({}, { variant, contentType })
    assert.equal(headers['Content-Type'], contentType)
    assert.equal(headers['Content-Disposition'], 'inline')
    const saved = await get({}, { variant, contentType, name: 'a.bin' })
    assert.match(saved.headers['Content-Disposition'] ?? '', /^attachment; filename="a.bin"/)
  }
  await put('download')
  const { headers } = await get({}, { variant: 'download', contentType: 'image/jpeg' })
  assert.match(headers['Content-Disposition'] ?? '', /^attachment/)
})

test('of HLS every file is played in place, by its own type', async (t) => {
  const { get, put, links, blob, clock } = await openStage(t)
  const video = { blob, pipelineVersion: 1, variant: 'hls', contentType: '' }
  const { url } = links.sign(video, clock.nowMs())
  for (const [file, contentType] of [
    ['master.m3u8', 'application/vnd.apple.mpegurl'],
    ['360p.m3u8', 'application/vnd.apple.mpegurl'],
    ['360p-init.mp4', 'video/mp4'],
    ['360p-0.m4s', 'video/iso.segment'],
  ] as const) {
    await put(`hls/${file}`)
    const path = url.replace('master.m3u8', file)
    const { status, headers, text } = await get({ path, query: '', range: 'bytes=2-4' })
    assert.deepEqual([status, text], [206, 'cde'])
    assert.equal(headers['Content-Type'], contentType)
    assert.equal(headers['Content-Disposition'], 'inline')
  }
})

test('whatever is served is kept from being anything else, by every type there is', async (t) => {
  const { get, put } = await openStage(t)
  const variants = ['w320', 'animated', 'loop', 'play', 'download', 'original']
  for (const variant of variants) {
    await put(variant)
    for (const contentType of Object.values(TYPES_BY_EXTENSION)) {
      const { headers } = await get({ method: 'HEAD' }, { variant, contentType })
      assert.equal(headers['Content-Type'], typeOfExtension(extensionOf(contentType)))
      assert.equal(headers['X-Content-Type-Options'], 'nosniff')
      assert.equal(headers['Content-Security-Policy'], "default-src 'none'; sandbox")
      assert.equal(headers['Cross-Origin-Resource-Policy'], 'cross-origin')
      assert.equal(headers['Referrer-Policy'], 'no-referrer')
      const isDownload = variant === 'download' || variant === 'original'
      const disposition = headers['Content-Disposition'] ?? ''
      assert.equal(disposition.startsWith('attachment; filename='), isDownload, contentType)
      // No type there is can run anything where it is shown.
      assert.doesNotMatch(contentType, /html|svg|script|[/+]xml$/)
    }
  }
})

test('what has no known extension is bytes', async (t) => {
  const { get } = await openStage(t)
  for (const contentType of ['text/html', 'image/svg+xml', 'application/x-sh']) {
    const { headers } = await get({}, { variant: 'original', contentType })
    assert.equal(headers['Content-Type'], 'application/octet-stream')
    assert.match(headers['Content-Disposition'] ?? '', /^attachment/)
  }
})

test('parts are served as parts', async (t) => {
  const { get } = await openStage(t)
  const { status, headers, contentLength, text } = await get({ range: 'bytes=2-4' })
  assert.deepEqual([status, contentLength, text], [206, 3, 'cde'])
  assert.equal(headers['Content-Range'], 'bytes 2-4/10')
  await assert.rejects(get({ range: 'bytes=10-' }), {
    code: 'range_not_satisfiable',
    details: { limit: 10 },
  })
})

test('a part of another version is the whole of this one', async (t) => {
  const { get } = await openStage(t)
  const etag = (await get()).headers['ETag']
  const same = await get({ range: 'bytes=0-0', ifRange: etag })
  const other = await get({ range: 'bytes=0-0', ifRange: '"other"' })
  assert.deepEqual([same.status, other.status], [206, 200])
})

test('HEAD tells the same and brings nothing; an unchanged copy is not sent again', async (t) => {
  const { get } = await openStage(t)
  const head = await get({ method: 'HEAD' })
  assert.deepEqual([head.status, head.contentLength, head.text], [200, 10, undefined])
  const etag = (await get()).headers['ETag'] ?? ''
  const unchanged = await get({ ifNoneMatch: `"x", ${etag}` })
  assert.deepEqual([unchanged.status, unchanged.text], [304, undefined])
})

test('what is condemned is refused at once though its bytes are there, until it is not', async (t) => {
  const { get, blob, condemned } = await openStage(t)
  condemned.add(blob)
  await assert.rejects(get(), { code: 'no_such_attachment' })
  await assert.rejects(get({ method: 'HEAD' }), { code: 'no_such_attachment' })
  condemned.clear()
  assert.equal((await get()).status, 200)
})

test('what was deleted is gone, a link that is too old has expired', async (t) => {
  const { get, objects, clock, blob } = await openStage(t)
  const links = new SatchelLinks({ secret: new Uint8Array(32), windowMs: HOUR_MS })
  const target = { blob, pipelineVersion: 1, variant: 'w320', contentType: 'image/webp' }
  const [path = '', query = ''] = links.sign(target, clock.nowMs()).url.split('?')
  clock.advance(2 * HOUR_MS)
  await assert.rejects(get({ path, query }), { code: 'link_expired' })
  await objects.remove([objectKeyOf(target)])
  await assert.rejects(get(), { code: 'no_such_attachment' })
})
