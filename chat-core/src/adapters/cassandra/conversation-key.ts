import { encodeBase64url, type ConversationId, type Seq } from '@satchel/protocol'

// How ids and places are written in keys.

/** Seqs in one partition of a timeline: some MB at most. */
const BUCKET_SEQS = 10_000
/** Buckets are 32-bit numbers; no conversation gets there. */
const MAX_BUCKET = 2 ** 31 - 1
export const MAX_SEQ: Seq = MAX_BUCKET * BUCKET_SEQS

export function conversationKey(id: ConversationId): Buffer {
  return Buffer.from(id, 'base64url')
}

export function parseConversationKey(bytes: Uint8Array): ConversationId {
  return encodeBase64url(bytes) as ConversationId
}

/** The partition of a timeline that holds `seq`. */
export function bucketOf(seq: Seq): number {
  return Math.floor(seq / BUCKET_SEQS)
}

/** The smallest seq a bucket may hold; that of the first is 1. */
export function firstSeqOf(bucket: number): Seq {
  return Math.max(bucket * BUCKET_SEQS, 1)
}

export function lastSeqOf(bucket: number): Seq {
  return (bucket + 1) * BUCKET_SEQS - 1
}
