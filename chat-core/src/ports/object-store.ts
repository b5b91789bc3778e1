export interface ObjectFacts {
  readonly sizeBytes: number
  /** Names these very bytes under this key; another write gives another etag. */
  readonly etag: string
}

export interface StoredObject extends ObjectFacts {
  /** When it came under this key, by the store's clock. */
  readonly modifiedMs: number
}

/** First and last byte, counted from 0, both included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

export interface ReadObject extends ObjectFacts {
  /** To be read to its end, or ended by `return`; whoever stops early frees what it holds. */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Bytes under keys. Keys are segments of letters, digits, `-`, `_` and `.`, divided by `/`.
 *
 * - A write is seen whole or not at all, and settles when it is as durable as the store makes it. It
 *   rejects with `storage_full` when there is no room, and then nothing has changed.
 * - Bytes being read stay what they were when `read` settled, whatever is written or removed meanwhile.
 * - Reads see every write that settled before they were called.
 */
export interface ObjectStore {
  /** Replaces what was there; `body` must have exactly `sizeBytes`, or nothing is written. */
  put(key: string, body: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<ObjectFacts>
  head(key: string): Promise<StoredObject | undefined>
  /** A range must lie within the object. */
  read(key: string, range?: ByteRange): Promise<ReadObject | undefined>
  /** False when `from` is not there, or no longer the bytes that `etag` names. */
  copy(from: string, etag: string, to: string): Promise<boolean>
  /** Removing what is not there changes nothing. */
  remove(keys: readonly string[]): Promise<void>
  /** Keys that start with `prefix` (which ends with `/`) in ascending order, after `after`. */
  list(
    prefix: string,
    options: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<readonly string[]>
}
