import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { describe, test, type TestContext } from 'node:test'
import { openS3ColdStorage } from '../../../src/adapters/s3/cold-storage.ts'
import { openS3ObjectStore } from '../../../src/adapters/s3/object-store.ts'
import { bytesOf, chunksOf } from '../../support/bytes.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { bucketOptions, openTestBucket, openTestS3Client } from '../../support/s3-bucket.ts'

const ETAG = '"e1"'

const servers = await startServersOfFile(['s3'])
if (servers !== undefined) describe('cold storage in S3', () => describeColdStorage(servers))

function describeColdStorage(running: RealServers): void {
  test('an old object is copied onto itself in the colder class, and stays what it was', async (t) => {
    const bucket = await openTestBucket(bucketOptions(running))
    const { one: client } = bucket
    t.after(() => bucket.close())
    const objects = openS3ObjectStore(client)
    const cold = openS3ColdStorage(client, { storageClass: 'STANDARD_IA' })
    const bytes = Buffer.from('as it came')
    await objects.put('blob/one', chunksOf(bytes, 4), bytes.length)
    const { modifiedMs } = (await objects.head('blob/one'))!
    assert.equal(await cold.coolObject('blob/one', modifiedMs - 1), false, 'it is too young')
    assert.equal(await cold.coolObject('blob/none', Date.now()), false)
    assert.equal(await cold.coolObject('blob/one', modifiedMs), true)
    assert.deepEqual(await bytesOf((await objects.read('blob/one'))!.body), bytes)
  })

  // The store the tests run on takes a class and tells none, so this is about what is asked and understood alone.
  test('the class is asked for on these very bytes, and what has it is left alone', async (t) => {
    const asked: IncomingHttpHeaders[] = []
    const url = await openClassTeller(t, asked)
    const client = openTestS3Client({ ...bucketOptions(running), endpoint: url })
    t.after(() => client.close())
    const cold = openS3ColdStorage(client, { storageClass: 'GLACIER_IR' })
    assert.equal(await cold.coolObject('blob/one', Date.now()), true)
    assert.equal(await cold.coolObject('blob/one', Date.now()), false)
    assert.equal(asked.length, 1)
    const [headers] = asked
    assert.equal(headers?.['x-amz-storage-class'], 'GLACIER_IR')
    assert.equal(headers['x-amz-copy-source-if-match'], ETAG)
    assert.equal(headers['x-amz-copy-source'], `${client.bucket}/blob/one`)
  })
}

/** Answers for one object as S3 does: its class is told once a copy has given it one. */
async function openClassTeller(t: TestContext, asked: IncomingHttpHeaders[]): Promise<string> {
  let storageClass: string | undefined
  const server = createServer(({ method, headers }, answer) => {
    if (method === 'HEAD') {
      const told = storageClass === undefined ? {} : { 'x-amz-storage-class': storageClass }
      answer.writeHead(200, { etag: ETAG, 'last-modified': new Date(0).toUTCString(), ...told })
      answer.end()
      return
    }
    asked.push(headers)
    storageClass = String(headers['x-amz-storage-class'])
    answer.writeHead(200, { 'content-type': 'application/xml' })
    answer.end(`<CopyObjectResult><ETag>${ETAG}</ETag></CopyObjectResult>`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return `http://127.0.0.1:${String(address.port)}`
}
