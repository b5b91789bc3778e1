import type { Clock } from '../../ports/clock.ts'
import type { CassandraClient, CassandraRow, CassandraWrite } from './cassandra-client.ts'
import { INDEX_SETTLED_AFTER_MS } from './indexed-first.ts'

export interface DueIndexOptions {
  readonly client: Pick<CassandraClient, 'keyspace' | 'read' | 'write' | 'writeEach'>
  readonly clock: Clock
  /** What is due: each kind has an index of its own. */
  readonly kind: 'attachment' | 'blob'
}

/** A row as it stands, for an entry that led to it. */
export interface DueRow<Row> {
  readonly row: Row
  /** Absent when it is not due at all any more. */
  readonly dueMs: number | undefined
}

interface Entry {
  readonly dueMs: bigint
  readonly id: Buffer
  /** When it was written, in microseconds: the timestamp of its cell. */
  readonly noted: bigint
}

interface Bucket {
  readonly bucket: number
  readonly noted: bigint
}

const BUCKET_MS = 60_000
const SHARDS = Array.from({ length: 8 }, (_, shard) => shard)
const PAGE = 100
const BUCKETS_PER_PAGE = 500
const VERIFIED_AT_ONCE = 25
/** A bucket noted so lately need not be noted again for the next entry. */
const BUCKET_KNOWN_MS = INDEX_SETTLED_AFTER_MS / 4
const MAX_KNOWN_BUCKETS = 1_000
const START: Pick<Entry, 'dueMs' | 'id'> = { dueMs: -1n, id: Buffer.alloc(0) }

/**
 * Which rows are due when: hints, written before the rows they are about, by the minute and in shards, with
 * a list of the minutes there are. An entry whose row does not agree is taken away once it is old enough
 * for its row to be there; so is a minute that is over and empty. Nothing is scanned but what is due, and no
 * minute once it was empty.
 */
export class DueIndex {
  readonly #options: DueIndexOptions
  readonly #knownBuckets = new Map<number, number>()

  constructor(options: DueIndexOptions) {
    this.#options = options
  }

  /**
   * To be called, and to have settled, before the row says so. Writes `others`, which have to be there before the
   * row as well, in the same request.
   */
  async note(dueMs: number, id: Buffer, others: readonly CassandraWrite[] = []): Promise<void> {
    const { client, clock, kind } = this.#options
    const due = wholeMs(dueMs)
    const bucket = bucketOf(due)
    const nowMs = clock.nowMs()
    const noted = microseconds(nowMs)
    const entry = {
      statement: `INSERT INTO ${client.keyspace}.due (kind, bucket, shard, due_ms, id, noted)
        VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
      values: [kind, bucket, shardOf(id), due, id, noted, noted],
    }
    const ofBucket = this.#bucketWrites(bucket, nowMs)
    await client.writeEach([...others, ...ofBucket, entry])
    if (ofBucket.length > 0) this.#bucketNoted(bucket, nowMs)
  }

  /** Rows due at `untilMs` or before, the longest due first; `find` gives a row as it stands now. */
  async list<Row>(
    untilMs: number,
    limit: number,
    find: (id: Buffer) => Promise<DueRow<Row> | undefined>,
  ): Promise<readonly Row[]> {
    const rows: Row[] = []
    const until = BigInt(Math.floor(untilMs))
    for await (const bucket of this.#buckets(bucketOf(until))) {
      let isEmpty = true
      for await (const entries of this.#entries(bucket.bucket, until)) {
        isEmpty = false
        rows.push(...(await this.#verified(bucket.bucket, entries, find)))
        if (rows.length >= limit) return rows.slice(0, limit)
      }
      if (isEmpty) await this.#forgetBucket(bucket)
    }
    return rows
  }

  #bucketWrites(bucket: number, nowMs: number): readonly CassandraWrite[] {
    const { client, kind } = this.#options
    const knownMs = this.#knownBuckets.get(bucket)
    if (knownMs !== undefined && nowMs - knownMs < BUCKET_KNOWN_MS) return []
    const noted = microseconds(nowMs)
    return [
      {
        statement: `INSERT INTO ${client.keyspace}.due_buckets (kind, bucket, noted)
          VALUES (?, ?, ?) USING TIMESTAMP ?`,
        values: [kind, bucket, noted, noted],
      },
    ]
  }

  #bucketNoted(bucket: number, nowMs: number): void {
    if (this.#knownBuckets.size >= MAX_KNOWN_BUCKETS) this.#knownBuckets.clear()
    this.#knownBuckets.set(bucket, nowMs)
  }

  async *#buckets(upTo: number): AsyncGenerator<Bucket> {
    const { client, kind } = this.#options
    for (let after = -1; ;) {
      const page = await client.read(
        `SELECT bucket, noted FROM ${client.keyspace}.due_buckets
          WHERE kind = ? AND bucket > ? AND bucket <= ? LIMIT ${BUCKETS_PER_PAGE}`,
        [kind, after, upTo],
        parseBucket,
      )
      yield* page
      const last = page.at(-1)
      if (last === undefined || page.length < BUCKETS_PER_PAGE) return
      after = last.bucket
    }
  }

  /** In pages, in the order of their times over all shards. */
  async *#entries(bucket: number, until: bigint): AsyncGenerator<readonly Entry[]> {
    for (let after = START; ;) {
      const pages = await Promise.all(
        SHARDS.map((shard) => this.#readShard({ bucket, shard }, after, until)),
      )
      // Each shard gave its first ones, so these are the first ones of all.
      const entries = pages.flat().sort(byTime).slice(0, PAGE)
      const last = entries.at(-1)
      if (last === undefined) return
      yield entries
      if (entries.length < PAGE) return
      after = last
    }
  }

  #readShard(
    { bucket, shard }: { readonly bucket: number; readonly shard: number },
    after: Pick<Entry, 'dueMs' | 'id'>,
    until: bigint,
  ): Promise<readonly Entry[]> {
    const { client, kind } = this.#options
    return client.read(
      `SELECT due_ms, id, noted FROM ${client.keyspace}.due
        WHERE kind = ? AND bucket = ? AND shard = ? AND (due_ms, id) > (?, ?) AND (due_ms) <= (?)
        LIMIT ${PAGE}`,
      [kind, bucket, shard, after.dueMs, after.id, until],
      parseEntry,
    )
  }

  async #verified<Row>(
    bucket: number,
    entries: readonly Entry[],
    find: (id: Buffer) => Promise<DueRow<Row> | undefined>,
  ): Promise<readonly Row[]> {
    const rows: Row[] = []
    for (let start = 0; start < entries.length; start += VERIFIED_AT_ONCE) {
      const found = await Promise.all(
        entries.slice(start, start + VERIFIED_AT_ONCE).map(async (entry) => {
          const due = await find(entry.id)
          const agrees = due?.dueMs !== undefined && wholeMs(due.dueMs) === entry.dueMs
          if (due !== undefined && agrees) return [due.row]
          await this.#forgetEntry(bucket, entry)
          return []
        }),
      )
      rows.push(...found.flat())
    }
    return rows
  }

  /** With the entry's own timestamp: one that is written anew meanwhile stays. */
  async #forgetEntry(bucket: number, { dueMs, id, noted }: Entry): Promise<void> {
    const { client, kind } = this.#options
    if (!this.#isSettled(noted)) return
    await client.write(
      `DELETE FROM ${client.keyspace}.due
        WHERE kind = ? AND bucket = ? AND shard = ? AND due_ms = ? AND id = ?`,
      [kind, bucket, shardOf(id), dueMs, id],
      noted,
    )
  }

  /** Nobody writes to it who has not noted it again, or will. */
  async #forgetBucket({ bucket, noted }: Bucket): Promise<void> {
    const { client, clock, kind } = this.#options
    const isOver = bucket < bucketOf(BigInt(clock.nowMs()))
    if (!isOver || !this.#isSettled(noted)) return
    await client.write(
      `DELETE FROM ${client.keyspace}.due_buckets WHERE kind = ? AND bucket = ?`,
      [kind, bucket],
      noted,
    )
  }

  #isSettled(noted: bigint): boolean {
    return noted < microseconds(this.#options.clock.nowMs() - INDEX_SETTLED_AFTER_MS)
  }
}

function wholeMs(ms: number): bigint {
  return BigInt(Math.ceil(ms))
}

function microseconds(ms: number): bigint {
  return BigInt(Math.floor(ms)) * 1_000n
}

function bucketOf(ms: bigint): number {
  return Number(ms / BigInt(BUCKET_MS))
}

// Ids are random.
function shardOf(id: Buffer): number {
  return (id.at(-1) ?? 0) % SHARDS.length
}

function byTime(one: Entry, other: Entry): number {
  if (one.dueMs !== other.dueMs) return one.dueMs < other.dueMs ? -1 : 1
  return Buffer.compare(one.id, other.id)
}

function parseEntry(row: CassandraRow): Entry {
  return {
    dueMs: row['due_ms'] as bigint,
    id: row['id'] as Buffer,
    noted: row['noted'] as bigint,
  }
}

function parseBucket(row: CassandraRow): Bucket {
  return { bucket: row['bucket'] as number, noted: row['noted'] as bigint }
}
