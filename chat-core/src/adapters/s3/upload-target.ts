import { setTimeout } from 'node:timers/promises'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { ChatError, type PartUrl } from '@satchel/protocol'
import type {
  AssembledUpload,
  ReceivedPart,
  StagedUpload,
  UploadTarget,
} from '../../ports/upload-target.ts'
import { partSizeOf } from '../part-size-of.ts'
import {
  abortUpload,
  completeUpload,
  createUpload,
  listParts,
  listUploads,
  type StoredPart,
  type UploadName,
} from './multipart-upload.ts'
import { openS3ObjectStore } from './object-store.ts'
import type { S3Client } from './s3-client.ts'

type Bucket = Pick<S3Client, 'bucket' | 'callOnce' | 'callRepeatable' | 'head' | 'signPut'>
type OpenUpload = Pick<StagedUpload, 'key' | 'targetId'>

const STAGING = 'staging/'
/** The target's name for an upload that is one PUT: the store knows it by its key alone. */
const ONE_PUT = 'one-put'
/** Two devices may bring the same part while it is put together with the others. */
const MAX_ASSEMBLIES = 3
/** Some stores forget an upload a moment before its object is there. */
const LATE_OBJECT_DELAYS_MS = [0, 50, 250]

/**
 * Uploads straight to the bucket: one PUT under the key itself, or a multipart upload. What there is, the
 * store alone knows; nothing is remembered here. Some stores keep what a request brought that was broken off:
 * bytes of another length than was signed have not arrived.
 */
export function openS3UploadTarget(s3: Bucket): UploadTarget {
  return {
    receiver: undefined,
    revokesUrls: false,
    async open({ key, partCount }) {
      return partCount === 0 ? ONE_PUT : createUpload(s3, key)
    },
    sign: (upload, parts, expiresAtMs) =>
      Promise.all(parts.map((part) => signPart(s3, upload, part, expiresAtMs))),
    received: (upload) => (upload.partCount === 0 ? readWhole(s3, upload) : readParts(s3, upload)),
    assemble: (upload) =>
      upload.partCount === 0 ? findWhole(s3, upload) : assembleParts(s3, upload),
    async abort({ key, targetId }) {
      if (targetId !== ONE_PUT) await abortUpload(s3, { key, uploadId: targetId })
      await openS3ObjectStore(s3).remove([key])
    },
    async *listOpen(beforeMs) {
      yield* openMultipartUploads(s3, beforeMs)
      yield* stagedObjects(s3, beforeMs)
    },
  }
}

async function signPart(
  s3: Bucket,
  upload: StagedUpload,
  part: number,
  expiresAtMs: number,
): Promise<PartUrl> {
  const sizeBytes = partSizeOf(upload, part)
  const query =
    upload.partCount === 0 ? {} : { partNumber: String(part), uploadId: upload.targetId }
  const url = await s3.signPut({ key: upload.key, sizeBytes, query, expiresAtMs })
  return { part, url, sizeBytes, expiresAtMs }
}

async function readWhole(s3: Bucket, upload: StagedUpload): Promise<readonly ReceivedPart[]> {
  const object = await headWhole(s3, upload)
  if (object === undefined) return []
  return [{ part: 0, sizeBytes: object.sizeBytes, receivedAtMs: object.modifiedMs }]
}

async function findWhole(s3: Bucket, upload: StagedUpload): Promise<AssembledUpload> {
  const object = await headWhole(s3, upload)
  if (object === undefined) return { kind: 'missing', parts: [0] }
  return { kind: 'assembled', etag: object.etag }
}

async function headWhole(s3: Bucket, { key, sizeBytes }: StagedUpload) {
  const object = await s3.head(key)
  return object?.sizeBytes === sizeBytes ? object : undefined
}

async function readParts(s3: Bucket, upload: StagedUpload): Promise<readonly ReceivedPart[]> {
  const parts = (await listParts(s3, nameOf(upload))) ?? []
  return wholeParts(upload, parts).map(({ part, sizeBytes, modifiedMs }) => ({
    part,
    sizeBytes,
    receivedAtMs: modifiedMs,
  }))
}

async function assembleParts(s3: Bucket, upload: StagedUpload): Promise<AssembledUpload> {
  for (let attempt = 1; ; attempt++) {
    const parts = await listParts(s3, nameOf(upload))
    if (parts === undefined) return findAssembled(s3, upload)
    const missing = missingOf(upload, parts)
    if (missing.length > 0) return { kind: 'missing', parts: missing }
    const completed = await completeUpload(s3, nameOf(upload), parts)
    switch (completed.kind) {
      case 'completed':
        return { kind: 'assembled', etag: completed.etag }
      case 'gone':
        return findAssembled(s3, upload)
      case 'parts_changed':
        if (attempt === MAX_ASSEMBLIES) throw partsKeepChanging(upload)
        break
      default:
        completed satisfies never
    }
  }
}

function wholeParts(upload: StagedUpload, parts: readonly StoredPart[]): readonly StoredPart[] {
  return parts.filter(({ part, sizeBytes }) => sizeBytes === partSizeOf(upload, part))
}

function missingOf(upload: StagedUpload, parts: readonly StoredPart[]): readonly number[] {
  const stored = new Set(wholeParts(upload, parts).map(({ part }) => part))
  const all = Array.from({ length: upload.partCount }, (_, index) => index + 1)
  return all.filter((part) => !stored.has(part))
}

function partsKeepChanging({ key }: StagedUpload): ChatError {
  return new ChatError('unavailable', `parts of ${key} are still being brought`)
}

/** The upload is not there: another call was faster, an earlier one was successful unheard, or it was aborted. */
async function findAssembled(s3: Bucket, upload: StagedUpload): Promise<AssembledUpload> {
  for (const delayMs of LATE_OBJECT_DELAYS_MS) {
    await setTimeout(delayMs)
    const object = await s3.head(upload.key)
    if (object !== undefined) return { kind: 'assembled', etag: object.etag }
  }
  return { kind: 'gone' }
}

async function* openMultipartUploads(s3: Bucket, beforeMs: number): AsyncGenerator<OpenUpload> {
  for await (const { key, uploadId, begunMs } of listUploads(s3, STAGING)) {
    if (key >= dayAfter(beforeMs)) return
    if (begunMs < beforeMs) yield { key, targetId: uploadId }
  }
}

/** What was brought by one PUT, or assembled, and not fetched since. */
async function* stagedObjects(s3: Bucket, beforeMs: number): AsyncGenerator<OpenUpload> {
  for (let after: string | undefined; ;) {
    const page = await s3.callRepeatable((sdk, abortSignal) => {
      const listing = { Bucket: s3.bucket, Prefix: STAGING, StartAfter: after }
      return sdk.send(new ListObjectsV2Command(listing), { abortSignal })
    })
    for (const { Key: key, LastModified: modified } of page.Contents ?? []) {
      if (key === undefined || modified === undefined) continue
      if (key >= dayAfter(beforeMs)) return
      if (modified.getTime() < beforeMs) yield { key, targetId: ONE_PUT }
      after = key
    }
    if (page.IsTruncated !== true) return
  }
}

/** Keys begin with their day, so whatever sorts from here on is younger than `beforeMs`. */
function dayAfter(beforeMs: number): string {
  const next = new Date(beforeMs + 24 * 60 * 60 * 1_000)
  return `${STAGING}${next.toISOString().slice(0, 10).replaceAll('-', '')}`
}

function nameOf({ key, targetId }: StagedUpload): UploadName {
  return { key, uploadId: targetId }
}
