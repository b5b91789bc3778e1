import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GetBucketCorsCommand } from '@aws-sdk/client-s3'
import { provisionS3, requireProvisionedS3 } from '../../../src/adapters/s3/provision-s3.ts'
import { openHttpFaultProxy } from '../../support/http-fault-proxy.ts'
import { startServersOfFile, type RealServers } from '../../support/real-servers.ts'
import { bucketOptions, openTestS3Client } from '../../support/s3-bucket.ts'

const servers = await startServersOfFile(['s3'])
if (servers !== undefined) testProvisioning(servers)

function testProvisioning(running: RealServers): void {
  test('a bucket that is not there is refused with the name of what makes it', async (t) => {
    const client = openTestS3Client(bucketOptions(running))
    t.after(() => client.close())
    await assert.rejects(requireProvisionedS3(client), /npm run provision/)
    await provisionS3(client, { origins: ['*'] })
    await requireProvisionedS3(client)
  })

  test('provisioning again changes nothing, with other origins only those', async (t) => {
    const options = bucketOptions(running)
    const proxy = await openHttpFaultProxy(t, options.endpoint ?? '')
    const client = openTestS3Client({ ...options, endpoint: proxy.url })
    t.after(() => client.close())
    const writes: string[] = []
    proxy.fault = ({ method, url }) => {
      if (method !== 'GET' && method !== 'HEAD') writes.push(`${method} ${url}`)
      return 'none'
    }
    const bucket = `/${client.bucket}/`
    await provisionS3(client, { origins: ['https://chat.example'] })
    assert.deepEqual(writes.splice(0), [`PUT ${bucket}`, `PUT ${bucket}?cors=`])
    await provisionS3(client, { origins: ['https://chat.example'] })
    assert.deepEqual(writes, [])
    await provisionS3(client, { origins: ['https://chat.example', 'https://other.example'] })
    assert.deepEqual(writes, [`PUT ${bucket}?cors=`])
    const rules = await client.callOnce((sdk) =>
      sdk.send(new GetBucketCorsCommand({ Bucket: client.bucket })),
    )
    assert.equal(rules.CORSRules?.length, 1)
  })

  test('two that provision at once both succeed', async (t) => {
    const options = bucketOptions(running)
    const clients = [openTestS3Client(options), openTestS3Client(options)]
    t.after(() => clients.map((client) => client.close()))
    await Promise.all(clients.map((client) => provisionS3(client, { origins: ['*'] })))
    for (const client of clients) await requireProvisionedS3(client)
  })

  test('a browser page of an allowed origin may bring bytes, and see what they are called', async (t) => {
    const client = openTestS3Client(bucketOptions(running))
    t.after(() => client.close())
    await provisionS3(client, { origins: ['https://chat.example'] })
    const put = { key: 'staging/20270101/00/x', sizeBytes: 5, expiresAtMs: Date.now() + 60_000 }
    const url = await client.signPut(put)
    const ask = (origin: string) =>
      fetch(url, {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'PUT',
          'Access-Control-Request-Headers': 'content-type',
        },
      })
    const allowed = await ask('https://chat.example')
    assert.equal(allowed.status, 200)
    assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://chat.example')
    assert.match(allowed.headers.get('access-control-allow-methods') ?? '', /PUT/)
    assert.equal((await ask('https://evil.example')).status, 403)
    const brought = await fetch(url, {
      method: 'PUT',
      body: 'hello',
      headers: { Origin: 'https://chat.example' },
    })
    assert.equal(brought.status, 200)
    assert.match(brought.headers.get('access-control-expose-headers') ?? '', /etag/i)
  })
}
