import {
  CreateBucketCommand,
  GetBucketCorsCommand,
  HeadBucketCommand,
  PutBucketCorsCommand,
  S3ServiceException,
  type BucketLocationConstraint,
  type CORSRule,
} from '@aws-sdk/client-s3'
import { ChatError } from '@satchel/protocol'
import type { S3Client } from './s3-client.ts'
import { isMissing } from './s3-error.ts'

type Bucket = Pick<S3Client, 'bucket' | 'region' | 'callRepeatable'>

export interface S3Provision {
  /** Pages that may bring uploads; `*` for all: the signature of an address is the permission. */
  readonly origins: readonly string[]
}

/** Makes the bucket, and lets browsers bring uploads to it. What is there already stays. */
export async function provisionS3(s3: Bucket, { origins }: S3Provision): Promise<void> {
  if (!(await hasBucket(s3))) await createBucket(s3)
  const rule: CORSRule = {
    AllowedMethods: ['PUT'],
    AllowedOrigins: [...origins],
    AllowedHeaders: ['*'],
    ExposeHeaders: ['ETag'],
    MaxAgeSeconds: 3_600,
  }
  const [present, ...others] = await readRules(s3)
  if (others.length === 0 && present !== undefined && isSame(present, rule)) return
  await s3.callRepeatable((sdk, abortSignal) => {
    const configuration = { CORSConfiguration: { CORSRules: [rule] } }
    const command = new PutBucketCorsCommand({ Bucket: s3.bucket, ...configuration })
    return sdk.send(command, { abortSignal })
  })
}

/** Rejects, naming what makes it, when the bucket is not there. */
export async function requireProvisionedS3(s3: Bucket): Promise<void> {
  if (await hasBucket(s3)) return
  throw new ChatError('internal', `there is no bucket ${s3.bucket}: run \`npm run provision\``)
}

async function hasBucket(s3: Bucket): Promise<boolean> {
  return s3.callRepeatable(async (sdk, abortSignal) => {
    try {
      await sdk.send(new HeadBucketCommand({ Bucket: s3.bucket }), { abortSignal })
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  })
}

async function createBucket(s3: Bucket): Promise<void> {
  // The first region is the only one that must not be named.
  const location =
    s3.region === 'us-east-1'
      ? {}
      : { CreateBucketConfiguration: { LocationConstraint: parseLocation(s3.region) } }
  await s3.callRepeatable(async (sdk, abortSignal) => {
    try {
      await sdk.send(new CreateBucketCommand({ Bucket: s3.bucket, ...location }), { abortSignal })
    } catch (error) {
      // Somebody provisions at the same time, or the answer to an earlier try was lost.
      const isOurs = error instanceof Error && error.name === 'BucketAlreadyOwnedByYou'
      if (!isOurs) throw error
    }
  })
}

// The SDK lists the regions of AWS; other stores have their own.
function parseLocation(region: string): BucketLocationConstraint {
  return region as BucketLocationConstraint
}

async function readRules(s3: Bucket): Promise<readonly CORSRule[]> {
  return s3.callRepeatable(async (sdk, abortSignal) => {
    try {
      const answer = await sdk.send(new GetBucketCorsCommand({ Bucket: s3.bucket }), {
        abortSignal,
      })
      return answer.CORSRules ?? []
    } catch (error) {
      const isAbsent = error instanceof S3ServiceException && isMissing(error)
      if (isAbsent) return []
      throw error
    }
  })
}

function isSame(present: CORSRule, wanted: CORSRule): boolean {
  const listsOf = (rule: CORSRule) => [
    rule.AllowedMethods,
    rule.AllowedOrigins,
    rule.AllowedHeaders,
    rule.ExposeHeaders,
    rule.MaxAgeSeconds,
  ]
  return JSON.stringify(listsOf(present)) === JSON.stringify(listsOf(wanted))
}
