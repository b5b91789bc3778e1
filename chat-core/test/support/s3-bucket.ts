import { randomBytes } from 'node:crypto'
import { provisionS3 } from '../../src/adapters/s3/provision-s3.ts'
import {
  openS3Client,
  type S3Client,
  type S3ClientOptions,
} from '../../src/adapters/s3/s3-client.ts'
import type { RealServers } from './real-servers.ts'
import { RecordedServerTelemetry } from './recorded-server-telemetry.ts'

export type BucketOptions = Omit<S3ClientOptions, 'telemetry'>

/** The address of a bucket of the test's own, which need not exist. */
export function bucketOptions({ addresses }: Pick<RealServers, 'addresses'>): BucketOptions {
  if (addresses.s3 === undefined) throw new Error('no S3 store was started')
  return { ...addresses.s3, bucket: `test-${randomBytes(6).toString('hex')}` }
}

export function openTestS3Client(options: BucketOptions): S3Client {
  return openS3Client({ ...options, telemetry: new RecordedServerTelemetry() })
}

/** Makes the bucket and gives it as two processes hold it. */
export async function openTestBucket(
  options: BucketOptions,
): Promise<{ readonly one: S3Client; readonly other: S3Client; close(): void }> {
  const [one, other] = [openTestS3Client(options), openTestS3Client(options)]
  await provisionS3(one, { origins: ['*'] })
  return {
    one,
    other,
    close() {
      one.close()
      other.close()
    },
  }
}

/** Brings bytes as a client does; rejects with the status when the store refuses them. */
export async function putToStore(url: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const response = await fetch(url, {
    method: 'PUT',
    body: bytes,
    signal: AbortSignal.timeout(30_000),
  })
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`the store answered ${String(response.status)}`)
}
