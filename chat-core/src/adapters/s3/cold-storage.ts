import { HeadObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3'
import type { ColdStorage } from '../../ports/cold-storage.ts'
import type { Settings } from '../../runtime/settings.ts'
import { copyObject } from './copy-object.ts'
import type { S3Client } from './s3-client.ts'
import { isMissing } from './s3-error.ts'

type Bucket = Pick<S3Client, 'bucket' | 'callRepeatable'>
type ColdClass = Settings['tieringClass']

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
      return copyObject(s3, { from: key, to: key, etag: object.ETag, storageClass })
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
