import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PutObjectCommand, S3Client as Sdk, UploadPartCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { ManualClock } from '../../support/manual-clock.ts'
import { openS3Client } from '../../../src/adapters/s3/s3-client.ts'
import { S3Signer } from '../../../src/adapters/s3/s3-signer.ts'
import { RecordedServerTelemetry } from '../../support/recorded-server-telemetry.ts'

const NOW_MS = 1_800_000_000_000
const ADDRESS = { region: 'eu-west-1', bucket: 'media', accessKey: 'key', secretKey: 'secret' }
const KEY = 'staging/20270115/0a1b/c2d3-e4_f5.x'

function openSdk(sessionToken?: string): Sdk {
  return new Sdk({
    endpoint: 'http://store.example:9000',
    region: ADDRESS.region,
    forcePathStyle: true,
    credentials: {
      accessKeyId: ADDRESS.accessKey,
      secretAccessKey: ADDRESS.secretKey,
      ...(sessionToken !== undefined && { sessionToken }),
    },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
}

function parametersOf(url: string): Readonly<Record<string, string>> {
  return Object.fromEntries(new URL(url).searchParams)
}

test('what is signed by hand is what the SDK would have signed', async () => {
  const sdk = openSdk()
  const signer = new S3Signer(sdk.config, new URL('http://store.example:9000'))
  const signing = { nowMs: NOW_MS, lifetimeSeconds: 900 }
  const common = { method: 'PUT', path: `/media/${KEY}`, ...signing } as const
  const options = { expiresIn: 900, signingDate: new Date(NOW_MS) }
  const object = { Bucket: 'media', Key: KEY, ContentLength: 5 }

  const one = await signer.signUrl({
    ...common,
    headers: { 'content-length': '5' },
    query: { 'x-id': 'PutObject' },
  })
  const oneBySdk = await getSignedUrl(sdk, new PutObjectCommand(object), options)
  assert.deepEqual(parametersOf(one), parametersOf(oneBySdk))
  assert.equal(new URL(one).pathname, new URL(oneBySdk).pathname)

  const part = await signer.signUrl({
    ...common,
    headers: { 'content-length': '5' },
    query: { partNumber: '3', uploadId: 'upload 1/+', 'x-id': 'UploadPart' },
  })
  const partCommand = new UploadPartCommand({ ...object, PartNumber: 3, UploadId: 'upload 1/+' })
  const partBySdk = await getSignedUrl(sdk, partCommand, options)
  assert.deepEqual(parametersOf(part), parametersOf(partBySdk))
})

test('credentials that last for a while are signed with their token, each day with a key of its own', async () => {
  const sdk = openSdk('a token/of+some=length')
  const signer = new S3Signer(sdk.config, new URL('http://store.example:9000'))
  for (const nowMs of [NOW_MS, NOW_MS + 24 * 3_600_000]) {
    const uploadId = "!'()*~"
    const url = await signer.signUrl({
      method: 'PUT',
      path: `/media/${KEY}`,
      query: { partNumber: '3', uploadId, 'x-id': 'UploadPart' },
      headers: { 'content-length': '5' },
      ...{ nowMs, lifetimeSeconds: 900 },
    })
    const part = { Bucket: 'media', Key: KEY, ContentLength: 5, PartNumber: 3, UploadId: uploadId }
    const options = { expiresIn: 900, signingDate: new Date(nowMs) }
    const bySdk = await getSignedUrl(sdk, new UploadPartCommand(part), options)
    assert.deepEqual(parametersOf(url), parametersOf(bySdk))
  }
})

test('clients get addresses of the public endpoint, which end when they are said to', async () => {
  const clock = new ManualClock(NOW_MS)
  const telemetry = new RecordedServerTelemetry()
  const endpoint = 'http://inside:9000'
  const publicEndpoint = 'https://media.example'
  const client = openS3Client({ ...ADDRESS, endpoint, publicEndpoint, telemetry, clock })
  const url = await client.signPut({ key: KEY, sizeBytes: 7, expiresAtMs: NOW_MS + 600_500 })
  assert.ok(url.startsWith(`https://media.example/media/${KEY}?`), url)
  const parameters = parametersOf(url)
  assert.equal(parameters['X-Amz-Expires'], '600')
  assert.equal(parameters['X-Amz-SignedHeaders'], 'content-length;host')
})

test('without an endpoint the store is that of AWS in the region', async () => {
  const client = openS3Client({ ...ADDRESS, telemetry: new RecordedServerTelemetry() })
  const url = await client.signPut({ key: KEY, sizeBytes: 7, expiresAtMs: Date.now() + 60_000 })
  assert.ok(url.startsWith(`https://s3.eu-west-1.amazonaws.com/media/${KEY}?`), url)
})
