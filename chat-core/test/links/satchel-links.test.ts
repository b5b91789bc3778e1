import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newAttachmentId, newBlobKey, parseBlobKey, type Attachment } from '@satchel/protocol'
import type { MediaTarget } from '../../src/links/media-links.ts'
import { SatchelLinks } from '../../src/links/satchel-links.ts'
import { withEventLinks, withThumbnailLinks } from '../../src/links/thumbnail-links.ts'
import { ALICE } from '../support/people.ts'

const HOUR_MS = 3_600_000
const NOW_MS = Date.UTC(2027, 0, 1, 12, 34, 56)
const links = new SatchelLinks({ secret: new Uint8Array(32).fill(1), windowMs: HOUR_MS })

function target(about: Partial<MediaTarget> = {}): MediaTarget {
  return {
    blob: newBlobKey(),
    pipelineVersion: 1,
    variant: 'w320',
    contentType: 'image/webp',
    ...about,
  }
}
function split(url: string): readonly [path: string, query: string] {
  const [path = '', query = ''] = url.split('?')
  return [path, query]
}

test('a link names what it was made for', () => {
  const media = target({ variant: 'download', contentType: 'image/jpeg' })
  const { url, expiresAtMs } = links.sign(media, NOW_MS, 'Zoë & co – 1/2.jpg')
  assert.match(url, new RegExp(`^/m/${media.blob}/1/download\\.jpg\\?e=\\d+&n=[^&]+&s=[\\w-]{22}$`))
  const verified = links.verify(...split(url), NOW_MS)
  assert.deepEqual(verified, { ...media, expiresAtMs, downloadName: 'Zoë & co – 1/2.jpg' })
})

test('the bytes of a link stay what they are', () => {
  const blob = parseBlobKey('AAAAAAAAAAAAAAAAAAAAAA')
  assert.ok(blob)
  assert.equal(
    links.sign(target({ blob }), NOW_MS).url,
    '/m/AAAAAAAAAAAAAAAAAAAAAA/1/w320.webp?e=1798811324&s=l5UnsY5OxrWW7hlWHuX-xQ',
  )
})

test('where media has an address of its own, links and those that ride along begin with it', () => {
  const elsewhere = new SatchelLinks({
    secret: new Uint8Array(32).fill(1),
    windowMs: HOUR_MS,
    baseUrl: 'https://media.example',
  })
  const media = target()
  const { url } = elsewhere.sign(media, NOW_MS)
  assert.equal(url, `https://media.example${links.sign(media, NOW_MS).url}`)
  const { pathname, search } = new URL(url)
  assert.equal(elsewhere.verify(pathname, search.slice(1), NOW_MS).blob, media.blob)
  const attachment: Attachment = {
    id: newAttachmentId(),
    version: 3,
    state: 'ready',
    name: 'photo.jpg',
    sizeBytes: 5,
    contentType: 'image/jpeg',
    blob: media.blob,
    pipelineVersion: 1,
    variants: [{ name: 'w320', contentType: 'image/webp', sizeBytes: 9 }],
  }
  assert.equal(withThumbnailLinks(elsewhere, attachment, NOW_MS).variants?.[0]?.link, url)
})

test('a link lives between one window and two, and is the same for everybody within it', () => {
  const media = target()
  const urls = new Set<string>()
  // A whole window: it has one end, wherever that is.
  for (let minute = 0; minute <= 60; minute++) {
    const nowMs = NOW_MS + minute * 60_000
    const { url, expiresAtMs } = links.sign(media, nowMs)
    assert.ok(expiresAtMs - nowMs >= HOUR_MS - 1_000 && expiresAtMs - nowMs <= 2 * HOUR_MS)
    urls.add(url)
  }
  assert.equal(urls.size, 2)
})

test('links of different files do not all roll over at once', () => {
  const minutes = new Set(
    Array.from({ length: 50 }, () => links.sign(target(), NOW_MS).expiresAtMs % HOUR_MS),
  )
  assert.ok(minutes.size > 40)
})

test('a link that was changed anywhere is invalid', () => {
  const { url } = links.sign(target(), NOW_MS, 'a.jpg')
  const [path, query] = split(url)
  const changed: (readonly [string, string])[] = [
    [path.replace('w320', 'w800'), query],
    [path.replace('/1/', '/2/'), query],
    [path.replace('.webp', '.txt'), query],
    [path.replace('/m/', '/m/../m/'), query],
    [path, query.replace(/e=\d/, 'e=9')],
    [path, query.replace('n=a.jpg', 'n=b.jpg')],
    [path, query.replace('&n=a.jpg', '')],
    [path, `${query}&x=1`],
    [path, query.replace(/s=./, (signature) => (signature === 's=A' ? 's=B' : 's=A'))],
    [path, query.replace(/&s=.*/, '')],
    [path, ''],
    ['', ''],
  ]
  for (const [changedPath, changedQuery] of changed) {
    assert.throws(
      () => links.verify(changedPath, changedQuery, NOW_MS),
      { code: 'link_invalid' },
      `${changedPath}?${changedQuery}`,
    )
  }
  const others = new SatchelLinks({ secret: new Uint8Array(32).fill(2), windowMs: HOUR_MS })
  assert.throws(() => others.verify(path, query, NOW_MS), { code: 'link_invalid' })
})

test('an old link has expired, a forged old one is invalid', () => {
  const { url, expiresAtMs } = links.sign(target(), NOW_MS)
  const [path, query] = split(url)
  assert.doesNotThrow(() => links.verify(path, query, expiresAtMs - 1))
  assert.throws(() => links.verify(path, query, expiresAtMs), { code: 'link_expired' })
  const forged = query.replace(/e=\d+/, 'e=1')
  assert.throws(() => links.verify(path, forged, NOW_MS), { code: 'link_invalid' })
})

const video = target({ variant: 'hls', contentType: 'application/vnd.apple.mpegurl' })

/** As a player resolves what a playlist refers to. */
function besides(playlist: string, file: string): string {
  return new URL(file, `http://media${playlist}`).pathname
}

test('a link to a playlist holds for every file it refers to', () => {
  const { url, expiresAtMs } = links.sign(video, NOW_MS)
  assert.match(url, new RegExp(`^/h/\\d+/[\\w-]{22}/${video.blob}/1/master\\.m3u8$`))
  for (const [file, contentType] of [
    ['master.m3u8', 'application/vnd.apple.mpegurl'],
    ['360p.m3u8', 'application/vnd.apple.mpegurl'],
    ['360p-init.mp4', 'video/mp4'],
    ['360p-12.m4s', 'video/iso.segment'],
  ] as const) {
    assert.deepEqual(links.verify(besides(url, file), '', NOW_MS), {
      blob: video.blob,
      pipelineVersion: 1,
      variant: `hls/${file}`,
      contentType,
      expiresAtMs,
      downloadName: undefined,
    })
  }
})

test('a link to a playlist holds for nothing else, and not beyond its time', () => {
  const { url, expiresAtMs } = links.sign(video, NOW_MS)
  const expiry = String(expiresAtMs / 1_000)
  const { blob } = video
  for (const path of [
    url.replace(expiry, String(expiresAtMs / 1_000 + 1)),
    url.replace(blob, newBlobKey()),
    url.replace(`${blob}/1/`, `${blob}/2/`),
    besides(url, '../2/master.m3u8'),
    besides(url, 'w320.webp'),
    besides(url, 'original'),
    besides(url, '%2e%2e/w320.m4s'),
    besides(url, 'a/b.m4s'),
    besides(url, `${'a'.repeat(41)}.m4s`),
    besides(url, 'Master.m3u8'),
  ]) {
    assert.throws(() => links.verify(path, '', NOW_MS), { code: 'link_invalid' }, path)
  }
  assert.throws(() => links.verify(url, 'x=1', NOW_MS), { code: 'link_invalid' })
  assert.throws(() => links.verify(url, '', expiresAtMs), { code: 'link_expired' })
})

function readyAttachment(about: Partial<Attachment> = {}): Attachment {
  return {
    id: newAttachmentId(),
    version: 3,
    state: 'ready',
    name: 'a.jpg',
    sizeBytes: 9,
    contentType: 'image/jpeg',
    blob: newBlobKey(),
    pipelineVersion: 1,
    variants: [
      { name: 'w320', contentType: 'image/webp', sizeBytes: 5 },
      { name: 'download', contentType: 'image/jpeg', sizeBytes: 9 },
    ],
    ...about,
  }
}

test('thumbnails carry their links, downloads do not', () => {
  const [thumbnail, download] = withThumbnailLinks(links, readyAttachment(), NOW_MS).variants ?? []
  assert.equal(links.verify(...split(thumbnail?.link ?? ''), NOW_MS).variant, 'w320')
  assert.equal(download?.link, undefined)
})

test('an attachment without a verdict carries no link, whatever else it has', () => {
  for (const state of ['uploading', 'processing', 'rejected', 'failed', 'expired'] as const) {
    const attachment = readyAttachment({ state })
    assert.deepEqual(withThumbnailLinks(links, attachment, NOW_MS), attachment)
  }
})

test('events carry the links of their attachments, all others are left as they are', () => {
  const attachment = readyAttachment()
  const base = { seq: 2, ordinal: 1, timeMs: NOW_MS, authorId: ALICE }
  const sent = withEventLinks(
    links,
    {
      ...base,
      content: { kind: 'message_sent', body: { version: 2 }, attachments: [attachment] },
    },
    NOW_MS,
  )
  assert.ok(
    sent.content.kind === 'message_sent' && sent.content.attachments?.[0]?.variants?.[0]?.link,
  )
  const updated = withEventLinks(
    links,
    { ...base, content: { kind: 'attachment_updated', target: 1, attachment } },
    NOW_MS,
  )
  assert.ok(
    updated.content.kind === 'attachment_updated' &&
      updated.content.attachment?.variants?.[0]?.link,
  )
  const other = { ...base, content: { kind: 'message_deleted', target: 1 } } as const
  assert.equal(withEventLinks(links, other, NOW_MS), other)
})
