import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { HeadBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import {
  S3StatusError,
  explainS3Failures,
  isMissing,
  s3ErrorCode,
} from '../../../src/adapters/s3/s3-error.ts'

/** An SDK whose store answers everything with one status. */
async function openSdk(
  test: TestContext,
  status: number,
  body = '',
): Promise<{ readonly sdk: S3Client; readonly origin: string }> {
  const store = createServer((_, response) => response.writeHead(status).end(body))
  store.listen(0, '127.0.0.1')
  await once(store, 'listening')
  const { port } = store.address() as AddressInfo
  const endpoint = new URL(`http://127.0.0.1:${String(port)}`)
  const sdk = new S3Client({
    endpoint: endpoint.href,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
  })
  explainS3Failures(sdk, endpoint)
  test.after(() => {
    sdk.destroy()
    store.close()
  })
  return { sdk, origin: endpoint.origin }
}

async function failureOf(call: Promise<unknown>): Promise<Error> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Error)
  return error
}

for (const status of [401, 403])
  test(`a HEAD answered ${String(status)} says who refused what, and that the keys are to blame`, async (t) => {
    const { sdk, origin } = await openSdk(t, status)
    const error = await failureOf(sdk.send(new HeadBucketCommand({ Bucket: 'media' })))
    const what = `${origin} answered ${String(status)} to HeadBucket of bucket media`
    assert.equal(
      error.message,
      `${what}: the access key or its secret is wrong, or lacks the right to do this`,
    )
    assert.equal(s3ErrorCode(error), `status_${String(status)}`)
  })

test('what a store says of itself is kept', async (t) => {
  const body = '<Error><Code>SlowDown</Code><Message>Please wait.</Message></Error>'
  const { sdk, origin } = await openSdk(t, 503, body)
  const error = await failureOf(sdk.send(new ListObjectsV2Command({ Bucket: 'media' })))
  assert.equal(
    error.message,
    `${origin} answered 503 to ListObjectsV2 of bucket media (Please wait.)`,
  )
  assert.equal(s3ErrorCode(error), 'SlowDown')
})

test('what is missing is still told from what failed', async (t) => {
  const { sdk } = await openSdk(t, 404)
  const error = await failureOf(sdk.send(new HeadBucketCommand({ Bucket: 'media' })))
  assert.equal(isMissing(error), true)
})

test('an answer to a request of our own says the same', () => {
  const request = { operation: 'HeadObject', bucket: 'media', endpoint: 'http://s3:9000' }
  const { message } = new S3StatusError(403, request)
  assert.match(
    message,
    /^http:\/\/s3:9000 answered 403 to HeadObject of bucket media: the access key/,
  )
})
