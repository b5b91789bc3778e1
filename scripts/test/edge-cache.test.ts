import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { newBlobKey } from '../../protocol/src/index.ts'
import type { MediaTarget } from '../../chat-core/src/links/media-links.ts'
import { condemnedMarkKey, objectKeyOf } from '../../chat-core/src/links/object-keys.ts'
import { pollUntil } from '../services/poll-until.mjs'
import { requireServices } from '../services/require-services.mjs'
import { openEdgeStage, type EdgeStage } from './support/edge-stage.ts'

const MEBIBYTE = 1024 * 1024
const SLICES = ['0-1048575', '1048576-2097151', '2097152-3145727', '3145728-4194303']
const bytes = Uint8Array.from({ length: 3.5 * MEBIBYTE }, (_, index) => (index * 7) % 251)

let skip: string | false = false
await requireServices({ skip: (why) => (skip = why) }, ['edge'])

describe('what the edge keeps of the store', { skip }, () => {
  let stage: EdgeStage
  before(async () => {
    stage = await openEdgeStage()
  })
  after(() => stage.close())
  beforeEach(() => {
    stage.store.reads.length = 0
  })

  async function store(about: Partial<MediaTarget> = {}): Promise<MediaTarget> {
    const blob = newBlobKey()
    const target = { blob, pipelineVersion: 2, variant: 'play', contentType: 'video/mp4', ...about }
    await stage.put(objectKeyOf(target), bytes)
    return target
  }
  const sign = (target: MediaTarget, agoMs = 0, name?: string): string =>
    stage.links.sign(target, Date.now() - agoMs, name).url
  const ask = (path: string, headers: Record<string, string> = {}, edge = 0): Promise<Response> =>
    fetch(`${stage.edges[edge]?.address ?? ''}${path}`, { headers })
  const readsOf = (key: string): string[] =>
    stage.store.reads
      .filter((read) => read.startsWith(`${key} `))
      .map((read) => read.slice(key.length + 1))
  async function whole(response: Response): Promise<Uint8Array> {
    return new Uint8Array(await response.arrayBuffer())
  }

  test('a hundred viewers who come when they like cost the bucket one read per slice', async () => {
    const video = await store()
    const urls = new Set<string>()
    const view = async (viewer: number): Promise<void> => {
      // Links of this window and the last, for looking and for keeping: the signatures differ, the bytes do not.
      const name = viewer % 3 === 0 ? `${viewer}.mp4` : undefined
      const url = sign(video, viewer % 2 === 0 ? 0 : stage.windowMs, name)
      urls.add(url)
      const from = viewer % 5 === 0 ? viewer * 30_000 : 0
      const response = await ask(url, from === 0 ? {} : { range: `bytes=${from}-` })
      assert.equal(response.status, from === 0 ? 200 : 206)
      assert.deepEqual(await whole(response), bytes.subarray(from))
    }
    const startedMs = performance.now()
    const viewers = Array.from({ length: 100 }, (_, index) => index)
    await Promise.all(viewers.slice(0, 60).map(view))
    for (const viewer of viewers.slice(60)) await view(viewer)
    assert.ok(urls.size > 30)
    assert.deepEqual(readsOf(objectKeyOf(video)).toSorted(), SLICES.toSorted())
    // Here an edge believes for a second whether a blob is condemned.
    const mark = condemnedMarkKey(video.blob)
    const looked = stage.store.reads.filter((read) => read === mark).length
    assert.ok(looked <= 1 + (performance.now() - startedMs) / 1_000, `looked ${looked} times`)
  })

  test('a player that jumps has the slices fetched that it looks at', async () => {
    const video = await store()
    const range = `bytes=${2.5 * MEBIBYTE}-${2.5 * MEBIBYTE + 99}`
    const response = await ask(sign(video), { range })
    assert.equal(response.status, 206)
    assert.equal(
      response.headers.get('content-range'),
      `${range.replace('=', ' ')}/${bytes.length}`,
    )
    assert.deepEqual(await whole(response), bytes.subarray(2.5 * MEBIBYTE, 2.5 * MEBIBYTE + 100))
    assert.deepEqual(readsOf(objectKeyOf(video)), [SLICES[2]])
  })

  test('ranges are answered as the server answers them', async () => {
    const url = sign(await store())
    const etag = (await ask(url, { range: 'bytes=0-0' })).headers.get('etag') ?? ''
    const size = bytes.length
    for (const [headers, status, range] of [
      [{ range: 'bytes=0-9' }, 206, `bytes 0-9/${size}`],
      [{ range: `bytes=${size - 5}-` }, 206, `bytes ${size - 5}-${size - 1}/${size}`],
      [{ range: 'bytes=5-99999999' }, 206, `bytes 5-${size - 1}/${size}`],
      [{ range: 'bytes=-7' }, 206, `bytes ${size - 7}-${size - 1}/${size}`],
      [{ range: `bytes=${size}-` }, 416, null],
      [{ range: 'bytes=0-1,4-5' }, 200, null],
      [{ range: 'items=0-1' }, 200, null],
      [{ range: 'bytes=9-18', 'if-range': etag }, 206, `bytes 9-18/${size}`],
      [{ range: 'bytes=9-18', 'if-range': '"other"' }, 200, null],
      [{ 'if-none-match': etag }, 304, null],
    ] as const) {
      const response = await ask(url, headers)
      const answer = await response.arrayBuffer()
      assert.equal(response.status, status, JSON.stringify(headers))
      if (status < 400) assert.equal(response.headers.get('content-range'), range)
      if (status < 400) assert.equal(response.headers.get('etag'), etag)
      if (status === 200) assert.equal(answer.byteLength, size)
    }
  })

  test('a head costs one slice and brings the length of the whole', async () => {
    const video = await store()
    const response = await fetch(`${stage.edges[0].address}${sign(video)}`, { method: 'HEAD' })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-length'), String(bytes.length))
    assert.deepEqual(readsOf(objectKeyOf(video)), [SLICES[0]])
  })

  test('an empty file is served as one', async () => {
    const target = { blob: newBlobKey(), pipelineVersion: 2, variant: 'original' }
    const empty = { ...target, contentType: 'text/plain' }
    await stage.put(objectKeyOf(empty), new Uint8Array())
    const response = await ask(sign(empty, 0, 'empty.txt'))
    assert.deepEqual([response.status, (await whole(response)).length], [200, 0])
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8')
    assert.match(response.headers.get('content-disposition') ?? '', /^attachment/)
    assert.equal((await ask(sign(empty), { range: 'bytes=0-' })).status, 416)
  })

  test('HLS under two tokens is fetched once, and each file is what it is', async () => {
    const target = { variant: 'hls', contentType: 'application/vnd.apple.mpegurl' }
    const video = { blob: newBlobKey(), pipelineVersion: 2, ...target }
    const types = {
      'master.m3u8': 'application/vnd.apple.mpegurl',
      '360p.m3u8': 'application/vnd.apple.mpegurl',
      '360p-init.mp4': 'video/mp4',
      '360p-0.m4s': 'video/iso.segment',
    }
    const keyOf = (file: string): string => objectKeyOf({ ...video, variant: `hls/${file}` })
    for (const file of Object.keys(types)) await stage.put(keyOf(file), bytes.slice(0, 1_000))
    const playlists = [sign(video), sign(video, stage.windowMs)]
    assert.equal(new Set(playlists).size, 2)
    for (const playlist of playlists) {
      for (const [file, type] of Object.entries(types)) {
        const response = await ask(playlist.replace('master.m3u8', file))
        assert.equal(response.status, 200)
        assert.deepEqual(await whole(response), bytes.subarray(0, 1_000))
        assert.equal(response.headers.get('content-type'), type)
        assert.equal(response.headers.get('content-disposition'), 'inline')
        assert.equal(response.headers.get('access-control-allow-origin'), '*')
      }
    }
    for (const file of Object.keys(types)) assert.deepEqual(readsOf(keyOf(file)), [SLICES[0]])
    const [playlist = ''] = playlists
    const forged = await ask(playlist.replace('/2/', '/1/'))
    const late = await ask(sign(video, 2 * stage.windowMs))
    assert.deepEqual([forged.status, late.status], [403, 410])
  })

  test('what is here is shown to nobody whose link does not hold', async () => {
    const video = await store()
    const url = sign(video)
    assert.equal((await whole(await ask(url))).length, bytes.length)
    stage.store.reads.length = 0
    const tampered = await ask(url.replace(/s=.{22}/, `s=${'A'.repeat(22)}`))
    const expired = await ask(sign(video, 2 * stage.windowMs))
    assert.deepEqual([tampered.status, expired.status], [403, 410])
    assert.deepEqual(stage.store.reads, [])
  })

  test('what is deleted is refused by every edge though it is here, until it is back', async () => {
    const video = await store()
    const urls = [sign(video), sign({ ...video, variant: 'w320', contentType: 'image/webp' })]
    await stage.put(objectKeyOf({ ...video, variant: 'w320' }), bytes.slice(0, 10))
    const statuses = (): Promise<number[]> =>
      Promise.all(
        urls.flatMap((url) =>
          [0, 1].map(async (edge) => {
            const response = await ask(url, {}, edge)
            await response.arrayBuffer()
            return response.status
          }),
        ),
      )
    assert.deepEqual(await statuses(), [200, 200, 200, 200])
    const becomes = (status: number): Promise<unknown> =>
      pollUntil(`all answer ${status}`, 20_000, async () =>
        (await statuses()).every((one) => one === status) ? true : undefined,
      )
    await stage.put(condemnedMarkKey(video.blob), new Uint8Array())
    await becomes(404)
    const { edges } = stage
    await edges[0].stop()
    await edges[0].start()
    assert.deepEqual(await statuses(), [404, 404, 404, 404], 'it is known after a restart')
    await stage.remove(condemnedMarkKey(video.blob))
    await becomes(200)
  })

  test('while the store is away, what is here is served and what is not is unavailable', async () => {
    const [known, unknown] = [await store(), await store()]
    assert.deepEqual(await whole(await ask(sign(known))), bytes)
    stage.store.isAway = true
    assert.deepEqual(await whole(await ask(sign(known))), bytes)
    assert.equal((await ask(sign(unknown))).status, 503)
    stage.store.isAway = false
    assert.deepEqual(await whole(await ask(sign(unknown))), bytes)
  })

  test('a file whose rest cannot be had breaks off, and nothing else is put in its place', async () => {
    const video = await store()
    const first = await ask(sign(video), { range: 'bytes=0-99' })
    assert.equal((await whole(first)).length, 100)
    stage.store.isAway = true
    const response = await ask(sign(video))
    assert.equal(response.status, 200)
    await assert.rejects(response.arrayBuffer())
    stage.store.isAway = false
    assert.deepEqual(await whole(await ask(sign(video))), bytes)
  })
})
