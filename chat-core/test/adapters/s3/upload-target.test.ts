import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, describe, test, type TestContext } from 'node:test'
import { HeadObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import type { PartUrl } from '@satchel/protocol'
import type { StagedUpload, UploadTarget } from '@satchel/chat-core/ports'
import { openS3ObjectStore } from '../../../src/adapters/s3/object-store.ts'
import { openS3UploadTarget } from '../../../src/adapters/s3/upload-target.ts'
import { bytesOf, chunksOf } from '../../support/bytes.ts'
import { eventually } from '../../support/eventually.ts'
import { openHttpFaultProxy, type HttpFaultProxy } from '../../support/http-fault-proxy.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import {
  bucketOptions,
  openTestBucket,
  openTestS3Client,
  putToStore,
  type BucketOptions,
} from '../../support/s3-bucket.ts'

const PART_BYTES = 5 * 1024 * 1024

const servers = await startServersOfFile(['s3'])
if (servers !== undefined) describe('uploads to S3', () => describeUploads(servers))

function describeUploads(running: RealServers): void {
  let options: BucketOptions
  before(async () => {
    options = bucketOptions(running)
    const bucket = await openTestBucket(options)
    bucket.close()
  })

  function openTarget(t: TestContext, about: Partial<BucketOptions> = {}) {
    const client = openTestS3Client({ ...options, ...about })
    t.after(() => client.close())
    return { client, target: openS3UploadTarget(client), objects: openS3ObjectStore(client) }
  }

  /** A target whose own calls go through a proxy; what clients bring goes straight. */
  async function openThroughProxy(t: TestContext) {
    const proxy = await openHttpFaultProxy(t, options.endpoint ?? '')
    const publicEndpoint = options.endpoint
    return { proxy, ...openTarget(t, { endpoint: proxy.url, publicEndpoint }) }
  }

  async function openUpload(target: UploadTarget, partCount: number): Promise<StagedUpload> {
    const plan = {
      key: `staging/20270101/${randomBytes(4).toString('hex')}/upload`,
      sizeBytes: partCount === 0 ? 5 : PART_BYTES * (partCount - 1) + 5,
      partCount,
      partBytes: partCount === 0 ? 0 : PART_BYTES,
    }
    return { ...plan, targetId: await target.open(plan) }
  }

  async function urlOf(target: UploadTarget, upload: StagedUpload, part: number): Promise<PartUrl> {
    const [url] = await target.sign(upload, [part], Date.now() + 60_000)
    assert.ok(url)
    return url
  }

  async function bring(target: UploadTarget, upload: StagedUpload): Promise<Buffer> {
    const bytes = randomBytes(upload.sizeBytes)
    for (let part = 1; part <= upload.partCount; part++) {
      const { url } = await urlOf(target, upload, part)
      const of = bytes.subarray((part - 1) * PART_BYTES, part * PART_BYTES)
      await putToStore(url, Uint8Array.from(of))
    }
    return bytes
  }

  test('a signed address takes bytes, and copies nothing', async (t) => {
    const { client, target, objects } = openTarget(t)
    const secret = await openUpload(target, 0)
    await putToStore((await urlOf(target, secret, 0)).url, Buffer.from('other'))
    const upload = await openUpload(target, 0)
    const { url } = await urlOf(target, upload, 0)
    const headers = { 'x-amz-copy-source': `${client.bucket}/${secret.key}` }
    await fetch(url, { method: 'PUT', body: 'bytes', headers })
    const object = await objects.read(upload.key)
    const stored = object === undefined ? undefined : (await bytesOf(object.body)).toString()
    assert.ok(stored === undefined || stored === 'bytes', stored)
  })

  test('the store refuses bytes of another length than signed', async (t) => {
    const { target, objects } = openTarget(t)
    for (const partCount of [0, 2]) {
      const upload = await openUpload(target, partCount)
      const { url } = await urlOf(target, upload, partCount)
      for (const text of ['', 'four', 'sixsix']) {
        await assert.rejects(putToStore(url, new TextEncoder().encode(text)), /403/)
      }
      assert.deepEqual(await target.received(upload), [])
      assert.equal(await objects.head(upload.key), undefined)
    }
  })

  test('what a request brought that was broken off has not arrived, and is brought again', async (t) => {
    const { client, target, objects } = openTarget(t)
    const half = Uint8Array.from([1, 2])
    const whole = await openUpload(target, 0)
    await objects.put(whole.key, chunksOf(half), half.length)
    const parts = await openUpload(target, 2)
    await bring(target, parts)
    await client.callOnce((sdk, abortSignal) => {
      const part = { UploadId: parts.targetId, PartNumber: 2, Body: half }
      const command = new UploadPartCommand({ Bucket: client.bucket, Key: parts.key, ...part })
      return sdk.send(command, { abortSignal })
    })
    for (const [upload, part, kept] of [
      [whole, 0, []],
      [parts, 2, [1]],
    ] as const) {
      const received = await target.received(upload)
      assert.deepEqual(
        received.map((one) => one.part),
        kept,
      )
      assert.deepEqual(await target.assemble(upload), { kind: 'missing', parts: [part] })
      const { url } = await urlOf(target, upload, part)
      await putToStore(url, new TextEncoder().encode('whole'))
      assert.equal((await target.assemble(upload)).kind, 'assembled')
      assert.equal((await objects.head(upload.key))?.sizeBytes, upload.sizeBytes)
    }
  })

  test('an address is good for its key and its part only', async (t) => {
    const { target } = openTarget(t)
    const upload = await openUpload(target, 2)
    const other = await openUpload(target, 0)
    const { url } = await urlOf(target, upload, 2)
    const bytes = new TextEncoder().encode('hello')
    await assert.rejects(putToStore(url.replace('partNumber=2', 'partNumber=1'), bytes), /403/)
    await assert.rejects(putToStore(url.replace(upload.key, other.key), bytes), /403/)
    const [brief] = await target.sign(upload, [2], Date.now() + 1_000)
    await eventually(() => assert.rejects(putToStore(brief!.url, bytes), /403/))
  })

  test('who brings other bytes after completing does not change what is copied', async (t) => {
    const { target, objects } = openTarget(t)
    const upload = await openUpload(target, 0)
    const { url } = await urlOf(target, upload, 0)
    await putToStore(url, new TextEncoder().encode('plain'))
    const assembled = await target.assemble(upload)
    assert.ok(assembled.kind === 'assembled')
    await putToStore(url, new TextEncoder().encode('evil!'))
    assert.equal(await objects.copy(upload.key, assembled.etag, 'blob/checked'), false)
    await putToStore(url, new TextEncoder().encode('plain'))
    assert.equal(await objects.copy(upload.key, assembled.etag, 'blob/checked'), true)
    await putToStore(url, new TextEncoder().encode('evil!'))
    const copy = await objects.read('blob/checked')
    assert.equal((await bytesOf(copy!.body)).toString(), 'plain')
  })

  test('headers that came with the bytes do not come along', async (t) => {
    const { target, objects } = openTarget(t)
    const upload = await openUpload(target, 0)
    const { url } = await urlOf(target, upload, 0)
    const headers = { 'Content-Type': 'text/html', 'Cache-Control': 'max-age=9' }
    assert.ok((await fetch(url, { method: 'PUT', body: '<b>xy', headers })).ok)
    const assembled = await target.assemble(upload)
    assert.ok(assembled.kind === 'assembled')
    assert.ok(await objects.copy(upload.key, assembled.etag, 'blob/bare'))
    const client = openTestS3Client(options)
    t.after(() => client.close())
    const bare = await client.callOnce((sdk) =>
      sdk.send(new HeadObjectCommand({ Bucket: client.bucket, Key: 'blob/bare' })),
    )
    assert.equal(bare.ContentType, 'application/octet-stream')
    assert.equal(bare.CacheControl, undefined)
  })

  test('two processes that assemble the same upload at once both get its one object', async (t) => {
    const [one, other] = [openTarget(t), openTarget(t)]
    for (let round = 0; round < 5; round++) {
      const upload = await openUpload(one.target, 2)
      const bytes = await bring(one.target, upload)
      const outcomes = await Promise.all(
        [one, other, one, other].map(({ target }) => target.assemble(upload)),
      )
      const [first] = outcomes
      assert.equal(first?.kind, 'assembled')
      for (const outcome of outcomes) assert.deepEqual(outcome, first)
      const object = await other.objects.read(upload.key)
      assert.ok((await bytesOf(object!.body)).equals(bytes))
    }
  })

  test('an upload assembled by a call that got no answer is found to be so', async (t) => {
    const { target, objects, proxy } = await openThroughProxy(t)
    const upload = await openUpload(target, 2)
    const bytes = await bring(target, upload)
    let completions = 0
    proxy.fault = (request) => {
      if (!isCompletion(request)) return 'none'
      completions++
      return completions === 1 ? 'lost' : 'none'
    }
    const assembled = await target.assemble(upload)
    assert.equal(completions, 2)
    assert.ok(assembled.kind === 'assembled')
    assert.equal((await objects.head(upload.key))?.etag, assembled.etag)
    const object = await objects.read(upload.key)
    assert.ok((await bytesOf(object!.body)).equals(bytes))
  })

  test('an upload whose assembling stays unknown is not lost: asking later tells', async (t) => {
    const { target, objects, proxy } = await openThroughProxy(t)
    const upload = await openUpload(target, 2)
    await bring(target, upload)
    proxy.fault = (request) => (isCompletion(request) ? 'lost' : 'none')
    await assert.rejects(target.assemble(upload), { code: 'unavailable' })
    proxy.fault = () => 'none'
    const assembled = await target.assemble(upload)
    assert.ok(assembled.kind === 'assembled')
    assert.equal((await objects.head(upload.key))?.etag, assembled.etag)
  })

  test('a part brought once more while parts are put together is the one that counts', async (t) => {
    const { target, objects, proxy } = await openThroughProxy(t)
    const upload = await openUpload(target, 2)
    await bring(target, upload)
    const { url } = await urlOf(target, upload, 2)
    let completions = 0
    proxy.fault = async (request): Promise<'none'> => {
      if (isCompletion(request) && completions++ === 0) {
        await putToStore(url, new TextEncoder().encode('again'))
      }
      return 'none'
    }
    const assembled = await target.assemble(upload)
    assert.equal(assembled.kind, 'assembled')
    assert.equal(completions, 2)
    const object = await objects.read(upload.key, { first: PART_BYTES, last: PART_BYTES + 4 })
    assert.equal((await bytesOf(object!.body)).toString(), 'again')
  })

  test('an upload whose beginning got no answer leaves nothing that stays', async (t) => {
    const { target, proxy } = await openThroughProxy(t)
    proxy.fault = ({ url }) => (url.endsWith('?uploads=') ? 'lost' : 'none')
    const plan = { sizeBytes: PART_BYTES + 5, partCount: 2, partBytes: PART_BYTES }
    const key = `staging/20200101/${randomBytes(4).toString('hex')}/upload`
    await assert.rejects(target.open({ ...plan, key }), { code: 'unavailable' })
    proxy.fault = () => 'none'
    const left = await Array.fromAsync(target.listOpen(Date.now() + 2_000))
    const ours = left.filter((one) => one.key === key)
    assert.equal(ours.length, 1)
    for (const one of ours) await target.abort(one)
    const after = await Array.fromAsync(target.listOpen(Date.now() + 2_000))
    assert.ok(!after.some((one) => one.key === key))
  })

  test('a store that was killed takes the parts that are missing once it is back', async (t) => {
    const { target, objects } = openTarget(t)
    const upload = await openUpload(target, 2)
    const bytes = randomBytes(upload.sizeBytes)
    const second = await urlOf(target, upload, 2)
    await putToStore(second.url, Uint8Array.from(bytes.subarray(PART_BYTES)))
    await running.server('s3').kill()
    await assert.rejects(target.received(upload), { code: 'unavailable' })
    await assert.rejects(target.assemble(upload), { code: 'unavailable' })
    const first = await urlOf(target, upload, 1)
    await running.server('s3').start()
    assert.deepEqual(
      (await target.received(upload)).map(({ part }) => part),
      [2],
    )
    await putToStore(first.url, Uint8Array.from(bytes.subarray(0, PART_BYTES)))
    assert.equal((await target.assemble(upload)).kind, 'assembled')
    const object = await objects.read(upload.key)
    assert.ok((await bytesOf(object!.body)).equals(bytes))
  })
}

function isCompletion({ method, url }: Parameters<HttpFaultProxy['fault']>[0]): boolean {
  return method === 'POST' && url.includes('uploadId=')
}
