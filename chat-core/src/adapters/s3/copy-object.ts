import { CopyObjectCommand } from '@aws-sdk/client-s3'
import type { Settings } from '../../runtime/settings.ts'
import type { S3Client } from './s3-client.ts'
import { fullError, isConditionFailed, isMissing } from './s3-error.ts'

export interface ObjectCopy {
  readonly from: string
  readonly to: string
  readonly etag: string
  /** The standard one unless given. */
  readonly storageClass?: Settings['tieringClass'] | undefined
}

/** Whatever a client claimed; what is served has its type from the link. */
export const CONTENT_TYPE = 'application/octet-stream'
const COPY_DEADLINE_MS = 300_000

/** False when `from` is not there, or no longer the bytes that `etag` names. */
export async function copyObject(
  s3: Pick<S3Client, 'bucket' | 'callRepeatable'>,
  { from, to, etag, storageClass }: ObjectCopy,
): Promise<boolean> {
  return s3.callRepeatable(async (sdk, abortSignal) => {
    const command = new CopyObjectCommand({
      Bucket: s3.bucket,
      Key: to,
      CopySource: `${s3.bucket}/${from}`,
      CopySourceIfMatch: etag,
      StorageClass: storageClass,
      // Headers that a client sent with its bytes do not come along; and some stores copy onto itself only what gets others.
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
