import {
  CopyObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
} from '@aws-sdk/client-s3'
import type { ColdStorage } from '../../ports/cold-storage.ts'
import type { Settings } from '../../runtime/settings.ts'
import type { S3Client } from './s3-client.ts'
import { fullError, isConditionFailed, isMissing } from './s3-error.ts'

type Bucket = Pick<S3Client, 'bucket' | 'callRepeatable'>
type ColdClass = Settings['tieringClass']

const CONTENT_TYPE = 'application/octet-stream'
const COPY_DEADLINE_MS = 300_000

/** Objects are copied onto themselves, into another storage class: what S3 says of them tells what is done. */
export function openS3ColdStorage(
  s3: Bucket,
  { storageClass }: { readonly storageClass: ColdClass },
): ColdStorage {
  return {
    async coolObject(key, beforeMs) {
      const object = await headObject(s3, key)
      // S3 names a class unless it is the standard one.
      if (object?.ETag === undefined || object.StorageClass === storageClass) return false
      if ((object.LastModified?.getTime() ?? Infinity) > beforeMs) return false
      return copyOntoItself(s3, key, { etag: object.ETag, storageClass })
    },
  }
}

async function headObject(s3: Bucket, key: string): Promise<HeadObjectCommandOutput | undefined> {
  return s3.callRepeatable(async (sdk, abortSignal) => {
    try {
      return await sdk.send(new HeadObjectCommand({ Bucket: s3.bucket, Key: key }), { abortSignal })
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  })
}

async function copyOntoItself(
  s3: Bucket,
  key: string,
  { etag, storageClass }: { readonly etag: string; readonly storageClass: ColdClass },
): Promise<boolean> {
  return s3.callRepeatable(async (sdk, abortSignal) => {
    const command = new CopyObjectCommand({
      Bucket: s3.bucket,
      Key: key,
      CopySource: `${s3.bucket}/${key}`,
      CopySourceIfMatch: etag,
      StorageClass: storageClass,
      // Some stores copy onto itself only what gets other headers by it; these are those it had.
      MetadataDirective: 'REPLACE',
      ContentType: CONTENT_TYPE,
    })
    try {
      await sdk.send(command, { abortSignal })
      return true
    } catch (error) {
      if (isMissing(error) || isConditionFailed(error)) return false
      throw fullError(error) ?? error
    }
  }, COPY_DEADLINE_MS)
}
