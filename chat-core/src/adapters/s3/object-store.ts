import { Readable } from 'node:stream'
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type GetObjectCommandOutput,
} from '@aws-sdk/client-s3'
import { ChatError } from '@satchel/protocol'
import type { ByteRange, ObjectFacts, ObjectStore, ReadObject } from '../../ports/object-store.ts'
import { CONTENT_TYPE, copyObject } from './copy-object.ts'
import { ReceivedBody } from './received-body.ts'
import type { S3Client } from './s3-client.ts'
import { S3PartialError, fullError, isMissing } from './s3-error.ts'
import { openSentBody } from './sent-body.ts'

type Bucket = Pick<S3Client, 'bucket' | 'callOnce' | 'callRepeatable' | 'head'>

/** Of a request as a whole, whose body has a deadline of its own. */
const PUT_DEADLINE_MS = 3_600_000
/** As many as S3 takes and gives in one call. */
const KEYS_PER_CALL = 1_000

/** Objects of one bucket. */
export function openS3ObjectStore(s3: Bucket): ObjectStore {
  return {
    put: (key, body, sizeBytes) => putObject(s3, key, body, sizeBytes),
    head: (key) => s3.head(key),
    read: (key, range) => readObject(s3, key, range),
    copy: (from, etag, to) => copyObject(s3, { from, etag, to }),
    async remove(keys) {
      for (let start = 0; start < keys.length; start += KEYS_PER_CALL) {
        await removeObjects(s3, keys.slice(start, start + KEYS_PER_CALL))
      }
    },
    async list(prefix, { after, limit }) {
      const keys: string[] = []
      for (let last = after; keys.length < limit; last = keys.at(-1)) {
        const wanted = Math.min(limit - keys.length, KEYS_PER_CALL)
        const page = await listKeys(s3, prefix, last, wanted)
        keys.push(...page.keys)
        if (!page.hasMore) break
      }
      return keys
    },
  }
}

async function putObject(
  s3: Bucket,
  key: string,
  source: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): Promise<ObjectFacts> {
  const body = openSentBody(source, sizeBytes)
  try {
    const etag = await s3.callOnce(async (sdk, deadline) => {
      const command = new PutObjectCommand({
        Bucket: s3.bucket,
        Key: key,
        Body: body.stream,
        ContentLength: sizeBytes,
        ContentType: CONTENT_TYPE,
      })
      try {
        const abortSignal = AbortSignal.any([deadline, body.signal])
        return (await sdk.send(command, { abortSignal })).ETag
      } catch (error) {
        // Neither of these is the server's failure to answer.
        if (body.failure() !== undefined) return undefined
        throw fullError(error) ?? error
      }
    }, PUT_DEADLINE_MS)
    if (etag === undefined) throw body.failure()
    return { sizeBytes, etag }
  } finally {
    body.close()
  }
}

async function readObject(
  s3: Bucket,
  key: string,
  range: ByteRange | undefined,
): Promise<ReadObject | undefined> {
  const answer = await s3.callRepeatable(async (sdk, abortSignal) => {
    const command = new GetObjectCommand({
      Bucket: s3.bucket,
      Key: key,
      ...(range !== undefined && { Range: `bytes=${range.first}-${range.last}` }),
    })
    try {
      return await sdk.send(command, { abortSignal })
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  })
  if (answer === undefined) return undefined
  const { Body: body, ETag: etag = '' } = answer
  if (!(body instanceof Readable)) throw new ChatError('internal', `${key} came without a body`)
  return { sizeBytes: wholeSizeOf(answer), etag, body: new ReceivedBody(body) }
}

/** `Content-Range` says it for a part: `bytes 6-8/11`. */
function wholeSizeOf({
  ContentRange: range,
  ContentLength: length,
}: GetObjectCommandOutput): number {
  return range === undefined ? (length ?? 0) : Number(range.slice(range.lastIndexOf('/') + 1))
}

async function removeObjects(s3: Bucket, keys: readonly string[]): Promise<void> {
  await s3.callRepeatable(async (sdk, abortSignal) => {
    const command = new DeleteObjectsCommand({
      Bucket: s3.bucket,
      Delete: { Quiet: true, Objects: keys.map((key) => ({ Key: key })) },
    })
    const { Errors: errors = [] } = await sdk.send(command, { abortSignal })
    const [first] = errors
    if (first !== undefined) throw new S3PartialError(errors.length, first.Code ?? 'no reason')
  })
}

async function listKeys(
  s3: Bucket,
  prefix: string,
  after: string | undefined,
  limit: number,
): Promise<{ readonly keys: readonly string[]; readonly hasMore: boolean }> {
  const page = await s3.callRepeatable((sdk, abortSignal) => {
    const command = new ListObjectsV2Command({
      Bucket: s3.bucket,
      Prefix: prefix,
      StartAfter: after,
      MaxKeys: limit,
    })
    return sdk.send(command, { abortSignal })
  })
  const keys = (page.Contents ?? []).flatMap(({ Key: key }) => key ?? [])
  return { keys, hasMore: page.IsTruncated === true && keys.length > 0 }
}
