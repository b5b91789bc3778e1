import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { HeadBucketCommand } from '@aws-sdk/client-s3'
import { openS3ObjectStore } from '../../../src/adapters/s3/object-store.ts'
import { bytesOf, chunksOf } from '../../support/bytes.ts'
import { eventually } from '../../support/eventually.ts'
import { openHttpFaultProxy } from '../../support/http-fault-proxy.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { bucketOptions, openTestBucket, openTestS3Client } from '../../support/s3-bucket.ts'

const MiB = 1024 * 1024

const servers = await startServersOfFile(['s3'])
if (servers !== undefined) describe('objects in S3', () => describeObjects(servers))

function describeObjects(running: RealServers): void {
  async function openStores(t: TestContext) {
    const options = bucketOptions(running)
    const bucket = await openTestBucket(options)
    const proxy = await openHttpFaultProxy(t, options.endpoint ?? '')
    const proxied = openTestS3Client({ ...options, endpoint: proxy.url })
    t.after(() => {
      bucket.close()
      proxied.close()
    })
    return {
      client: bucket.one,
      objects: openS3ObjectStore(bucket.one),
      proxy,
      proxied: openS3ObjectStore(proxied),
    }
  }

  test('a large object goes through without being held', async (t) => {
    const { objects } = await openStores(t)
    let sent = 0
    async function* source(): AsyncGenerator<Uint8Array> {
      for (; sent < 100; sent++) yield Buffer.alloc(MiB, sent)
    }
    t.after(() => running.server('s3').resume())
    await running.server('s3').pause()
    const put = objects.put('large/one', source(), 100 * MiB)
    // What fits into the buffers of a connection, and two chunks.
    const taken = await untilConstant(() => sent)
    assert.ok(taken > 0 && taken < 30, `${String(taken)} MB were taken though nobody reads them`)
    running.server('s3').resume()
    await put
    const read = await objects.read('large/one')
    let received = 0
    for await (const chunk of read!.body) received += chunk.length
    assert.equal(received, 100 * MiB)
  })

  test('an answer that breaks off is an error, not a shorter object', async (t) => {
    const { objects, proxy, proxied } = await openStores(t)
    await objects.put('cut/one', chunksOf(Buffer.alloc(8 * MiB, 'x'), MiB), 8 * MiB)
    proxy.fault = ({ method }) => (method === 'GET' ? 'cut' : 'none')
    const read = await proxied.read('cut/one')
    await assert.rejects(bytesOf(read!.body), { code: 'unavailable' })
  })

  test('a body that broke off before anybody read it says so to whoever reads', async (t) => {
    const { objects, proxy, proxied } = await openStores(t)
    await objects.put('cut/two', chunksOf(Buffer.alloc(8 * MiB, 'x'), MiB), 8 * MiB)
    proxy.fault = ({ method }) => (method === 'GET' ? 'cut' : 'none')
    const read = await proxied.read('cut/two')
    await eventually(() => assert.equal(proxy.cuts, 1))
    await assert.rejects(bytesOf(read!.body), { code: 'unavailable' })
  })

  test('lost answers to what may be repeated cost time only', async (t) => {
    const { objects, proxy, proxied } = await openStores(t)
    await objects.put('lost/one', chunksOf(Buffer.from('hello')), 5)
    const { etag } = (await objects.head('lost/one'))!
    let lost = 0
    proxy.fault = () => (lost++ % 2 === 0 ? 'lost' : 'none')
    assert.equal((await proxied.head('lost/one'))?.sizeBytes, 5)
    assert.equal(await proxied.copy('lost/one', etag, 'lost/two'), true)
    assert.deepEqual(await proxied.list('lost/', { limit: 9 }), ['lost/one', 'lost/two'])
    await proxied.remove(['lost/one', 'lost/two'])
    proxy.fault = () => 'none'
    assert.deepEqual(await objects.list('lost/', { limit: 9 }), [])
  })

  test('a put whose answer was lost fails, and may be done again', async (t) => {
    const { objects, proxy, proxied } = await openStores(t)
    proxy.fault = () => 'lost'
    const put = () => proxied.put('lost/put', chunksOf(Buffer.from('hello')), 5)
    await assert.rejects(put(), { code: 'unavailable' })
    proxy.fault = () => 'none'
    assert.equal((await put()).etag, (await objects.head('lost/put'))?.etag)
  })

  test('a store that does not answer is out of reach in time, and found again', async (t) => {
    const { client, objects } = await openStores(t)
    await objects.put('slow/one', chunksOf(Buffer.from('hello')), 5)
    t.after(() => running.server('s3').resume())
    await running.server('s3').pause()
    const hurried = () =>
      client.callOnce((sdk, abortSignal) => {
        const command = new HeadBucketCommand({ Bucket: client.bucket })
        return sdk.send(command, { abortSignal })
      }, 200)
    await assert.rejects(hurried(), { code: 'unavailable' })
    running.server('s3').resume()
    assert.equal((await eventually(() => objects.head('slow/one')))?.sizeBytes, 5)
  })

  test('a store that is gone fails everything with a code, and nothing hangs', async (t) => {
    const { objects } = await openStores(t)
    t.after(() => running.server('s3').start())
    await running.server('s3').kill()
    const calls = [
      () => objects.head('a/b'),
      () => objects.read('a/b'),
      () => objects.put('a/b', chunksOf(Buffer.from('x')), 1),
      () => objects.copy('a/b', '"x"', 'a/c'),
      () => objects.remove(['a/b']),
      () => objects.list('a/', { limit: 1 }),
    ]
    for (const call of calls) await assert.rejects(call(), { code: 'unavailable' })
    await running.server('s3').start()
    await eventually(() => objects.put('a/b', chunksOf(Buffer.from('x')), 1))
  })
}

/** What `read` gives once that has not changed for a while. */
async function untilConstant(read: () => number): Promise<number> {
  let last = read()
  let same = 0
  return eventually(() => {
    const now = read()
    same = now === last ? same + 1 : 0
    last = now
    assert.ok(now > 0 && same > 40, `${String(now)} is still changing`)
    return now
  })
}
