import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError, parseBlobKey, type BlobKey } from '../../protocol/src/index.ts'
import hlsTypes from '../../deploy/edge/hls-types.js'
import mediaLink from '../../deploy/edge/media-link.js'
import mediaTypes from '../../deploy/edge/media-types.js'
import servingHeaders from '../../deploy/edge/serving-headers.js'
import type { MediaTarget } from '../../chat-core/src/links/media-links.ts'
import { SatchelLinks } from '../../chat-core/src/links/satchel-links.ts'
import {
  HLS_TYPES_BY_EXTENSION,
  TYPES_BY_EXTENSION,
} from '../../chat-core/src/links/media-types.ts'
import { condemnedMarkKey, objectKeyOf } from '../../chat-core/src/links/object-keys.ts'
import { openMedia } from '../../chat-core/src/links/open-media.ts'
import { openEmbeddedObjectStore } from '../../chat-core/src/adapters/embedded/object-store.ts'
import { openObjectFolder } from '../../chat-core/src/adapters/embedded/object-folder.ts'
import { ManualClock } from '../../chat-core/test/support/manual-clock.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { deriveSecret } from '../../chat-core/src/links/derive-secret.ts'

// The edge's scripts run in nginx; here they run in Node, beside what they must agree with.

const LINK_SECRET = 'a secret of the tests, long enough to be one'
const NOW_MS = 1_800_000_000_000
const HOUR_MS = 3_600_000
const links = new SatchelLinks({
  secret: deriveSecret(LINK_SECRET, 'media links'),
  windowMs: HOUR_MS,
})
const blob = blobKey('q83vEjRWeJq83vEjRWeJqA')
const photo: MediaTarget = {
  blob,
  pipelineVersion: 7,
  variant: 'original',
  contentType: 'image/jpeg',
}
const thumbnail: MediaTarget = { ...photo, variant: 'w800', contentType: 'image/webp' }
const video: MediaTarget = {
  ...photo,
  variant: 'hls',
  contentType: 'application/vnd.apple.mpegurl',
}
const hlsFiles = ['master.m3u8', '360p.m3u8', '360p-init.mp4', '360p-12.m4s']
const variants = ['w320', 'w1600', 'animated', 'loop', 'play', 'other']
const downloadNames = [
  undefined,
  'plain.jpg',
  "it's (50 %) *new*!.jpg",
  'Grüße 😀 & 你好.jpg',
  '%41',
]

function blobKey(text: string): BlobKey {
  const key = parseBlobKey(text)
  assert.ok(key)
  return key
}

function partsOf(url: string): { readonly path: string; readonly query: string } {
  const [path = '', query = ''] = url.split('?')
  return { path, query }
}

test('the edge takes every link that is signed, and finds the same bytes', () => {
  for (const target of [photo, thumbnail]) {
    for (const downloadName of downloadNames) {
      const { url, expiresAtMs } = links.sign(target, NOW_MS, downloadName)
      const link = mediaLink.verify(url, LINK_SECRET, NOW_MS)
      assert.ok(typeof link !== 'string', url)
      assert.equal(mediaLink.objectKeyOf(link), objectKeyOf(target))
      assert.equal(mediaLink.markKeyOf(link), condemnedMarkKey(blob))
      assert.deepEqual([link.expiresAtMs, link.downloadName], [expiresAtMs, downloadName])
    }
  }
})

test('the edge takes every file of a playlist that is signed, and finds the same bytes', () => {
  const { url } = links.sign(video, NOW_MS)
  for (const file of hlsFiles) {
    const fileUrl = url.replace('master.m3u8', file)
    const verified = links.verify(fileUrl, '', NOW_MS)
    const link = mediaLink.verify(fileUrl, LINK_SECRET, NOW_MS)
    assert.ok(typeof link !== 'string', fileUrl)
    assert.deepEqual({ ...link, pipelineVersion: Number(link.pipelineVersion) }, verified)
    assert.equal(mediaLink.objectKeyOf(link), objectKeyOf(verified))
    assert.equal(objectKeyOf(verified), `derived/${blob}/7/hls/${file}`)
  }
  for (const file of ['a/b.m4s', 'w320.webp', 'Master.m3u8', 'master.m3u8?x=1', '../8/a.m4s']) {
    const other = url.replace('master.m3u8', file)
    assert.equal(mediaLink.verify(other, LINK_SECRET, NOW_MS), 'link_invalid', other)
  }
})

test('the edge refuses a link that was changed anywhere', () => {
  const playlist = links.sign(video, NOW_MS).url
  const fileAt = playlist.lastIndexOf('/')
  for (let at = 0; at <= fileAt; at += 1) {
    const other = playlist[at] === '1' ? '2' : '1'
    const changed = playlist.slice(0, at) + other + playlist.slice(at + 1)
    assert.equal(mediaLink.verify(changed, LINK_SECRET, NOW_MS), 'link_invalid', changed)
  }
  const { url } = links.sign(photo, NOW_MS, 'a.jpg')
  for (let at = 0; at < url.length; at += 1) {
    const other = url[at] === '1' ? '2' : '1'
    const changed = url.slice(0, at) + other + url.slice(at + 1)
    assert.equal(mediaLink.verify(changed, LINK_SECRET, NOW_MS), 'link_invalid', changed)
  }
  for (const changed of [`${url}&x=1`, url.slice(0, -1), url.replace('&n=a.jpg', ''), '/m/', '']) {
    assert.equal(mediaLink.verify(changed, LINK_SECRET, NOW_MS), 'link_invalid', changed)
  }
  assert.equal(mediaLink.verify(url, `${LINK_SECRET}.`, NOW_MS), 'link_invalid')
})

test('the edge forgets a link at the very moment the server does', () => {
  const { url, expiresAtMs } = links.sign(photo, NOW_MS)
  const { path, query } = partsOf(url)
  links.verify(path, query, expiresAtMs - 1)
  assert.equal(typeof mediaLink.verify(url, LINK_SECRET, expiresAtMs - 1), 'object')
  assert.throws(
    () => links.verify(path, query, expiresAtMs),
    (error) => error instanceof ChatError && error.code === 'link_expired',
  )
  assert.equal(mediaLink.verify(url, LINK_SECRET, expiresAtMs), 'link_expired')
})

test('the edge serves by the same table of types', () => {
  assert.deepEqual(mediaTypes, TYPES_BY_EXTENSION)
  assert.deepEqual(hlsTypes, HLS_TYPES_BY_EXTENSION)
})

test('the edge serves with the headers that the server serves with', async (t) => {
  const objects = openEmbeddedObjectStore(await openObjectFolder(await temporaryFolder(t)))
  const clock = new ManualClock(NOW_MS)
  const deps = { objects, verifier: links, clock, isCondemned: () => Promise.resolve(false) }
  const stored = new Set<string>()
  const serve = async (url: string): Promise<void> => {
    const { path, query } = partsOf(url)
    const key = objectKeyOf(links.verify(path, query, NOW_MS))
    if (!stored.has(key)) await objects.put(key, toAsync([new Uint8Array(10)]), 10)
    stored.add(key)
    const request = { method: 'HEAD', path, query } as const
    const { headers } = await openMedia(deps, request)
    const link = mediaLink.verify(url, LINK_SECRET, NOW_MS)
    assert.ok(typeof link !== 'string')
    assert.deepEqual(servingHeaders.headersOf(link, NOW_MS), headers, url)
  }
  for (const variant of [...variants, 'original', 'download']) {
    for (const contentType of Object.values(TYPES_BY_EXTENSION)) {
      for (const downloadName of downloadNames)
        await serve(links.sign({ ...photo, variant, contentType }, NOW_MS, downloadName).url)
    }
  }
  const playlist = links.sign(video, NOW_MS).url
  for (const file of hlsFiles) await serve(playlist.replace('master.m3u8', file))
})

async function* toAsync(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}
