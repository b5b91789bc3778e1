import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
} from '@aws-sdk/client-s3'
import { ChatError } from '@satchel/protocol'
import type { S3Client } from './s3-client.ts'
import { fullError, isMissing, isOutdated } from './s3-error.ts'

type Bucket = Pick<S3Client, 'bucket' | 'callOnce' | 'callRepeatable'>

export interface UploadName {
  readonly key: string
  readonly uploadId: string
}

export interface StoredPart {
  readonly part: number
  readonly sizeBytes: number
  readonly etag: string
  readonly modifiedMs: number
}

export interface BegunUpload extends UploadName {
  readonly begunMs: number
}

export type CompletedUpload =
  | { readonly kind: 'completed'; readonly etag: string }
  /** Completed earlier, perhaps by a try that got no answer; or aborted. */
  | { readonly kind: 'gone' }
  /** The store has another version of a part by now. */
  | { readonly kind: 'parts_changed' }

/** A store may put parts together byte by byte. */
const COMPLETE_DEADLINE_MS = 120_000
const MAX_ABORTS = 5

/** Once: of a try whose answer was lost, the upload stays behind under this key, and the caller takes another. */
export async function createUpload(s3: Bucket, key: string): Promise<string> {
  const { UploadId: uploadId } = await s3.callOnce((sdk, abortSignal) => {
    const command = new CreateMultipartUploadCommand({ Bucket: s3.bucket, Key: key })
    return sdk.send(command, { abortSignal })
  })
  if (uploadId === undefined) throw new ChatError('internal', `the upload of ${key} has no id`)
  return uploadId
}

/** In ascending order; `undefined` when the upload is not there: aborted, complete, or never begun. */
export async function listParts(
  s3: Bucket,
  { key, uploadId }: UploadName,
): Promise<readonly StoredPart[] | undefined> {
  const parts: StoredPart[] = []
  for (let marker: string | undefined; ;) {
    const page = await s3.callRepeatable(async (sdk, abortSignal) => {
      const upload = { Bucket: s3.bucket, Key: key, UploadId: uploadId }
      const command = new ListPartsCommand({ ...upload, PartNumberMarker: marker })
      try {
        return await sdk.send(command, { abortSignal })
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    })
    if (page === undefined) return undefined
    for (const { PartNumber: part = 0, Size: sizeBytes = 0, ETag, LastModified } of page.Parts ??
      [])
      parts.push({ part, sizeBytes, etag: ETag ?? '', modifiedMs: LastModified?.getTime() ?? 0 })
    marker = page.NextPartNumberMarker
    if (page.IsTruncated !== true || marker === undefined) return parts
  }
}

/** Makes the object of these parts. Repeated while the outcome is unknown. */
export async function completeUpload(
  s3: Bucket,
  { key, uploadId }: UploadName,
  parts: readonly StoredPart[],
): Promise<CompletedUpload> {
  return s3.callRepeatable(async (sdk, abortSignal): Promise<CompletedUpload> => {
    const command = new CompleteMultipartUploadCommand({
      Bucket: s3.bucket,
      Key: key,
      UploadId: uploadId,
      MultipartUpload: { Parts: parts.map(({ part, etag }) => ({ PartNumber: part, ETag: etag })) },
    })
    try {
      const { ETag: etag = '' } = await sdk.send(command, { abortSignal })
      return { kind: 'completed', etag }
    } catch (error) {
      if (isMissing(error)) return { kind: 'gone' }
      if (isOutdated(error)) return { kind: 'parts_changed' }
      throw fullError(error) ?? error
    }
  }, COMPLETE_DEADLINE_MS)
}

/** Until the store knows nothing of it: a part that was on its way survives the first time. */
export async function abortUpload(s3: Bucket, upload: UploadName): Promise<void> {
  for (let abort = 1; abort <= MAX_ABORTS; abort++) {
    await s3.callRepeatable(async (sdk, abortSignal) => {
      const { key, uploadId } = upload
      const named = { Bucket: s3.bucket, Key: key, UploadId: uploadId }
      try {
        await sdk.send(new AbortMultipartUploadCommand(named), { abortSignal })
      } catch (error) {
        if (!isMissing(error)) throw error
      }
    })
    if ((await listParts(s3, upload)) === undefined) return
  }
  throw new ChatError('unavailable', `parts of ${upload.key} are still coming in`)
}

/** Those not complete, by key. */
export async function* listUploads(s3: Bucket, prefix: string): AsyncGenerator<BegunUpload> {
  for (let marker: string | undefined; ;) {
    const page = await s3.callRepeatable((sdk, abortSignal) => {
      const listing = { Bucket: s3.bucket, Prefix: prefix, KeyMarker: marker }
      return sdk.send(new ListMultipartUploadsCommand(listing), { abortSignal })
    })
    for (const { Key: key, UploadId: uploadId, Initiated: begun } of page.Uploads ?? []) {
      if (key === undefined || uploadId === undefined || begun === undefined) continue
      yield { key, uploadId, begunMs: begun.getTime() }
    }
    // Not by upload as well: stores differ there, and of one key there is one upload.
    marker = page.NextKeyMarker
    if (page.IsTruncated !== true || marker === undefined || marker === '') return
  }
}
