import type { ConversationId, MessageBody, Seq } from '@satchel/protocol'
import type { TimelineRange } from '../../ports/timeline.ts'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'
import { MAX_SEQ, bucketOf, conversationKey, firstSeqOf, lastSeqOf } from './conversation-key.ts'
import { parseBodyCell, parseEventCell, type EventCell } from './event-cell.ts'

/** A message or another event; attachments and reactions are not parsed, as few pages have some. */
export interface TimelineRow {
  readonly seq: Seq
  readonly event: EventCell
  readonly body: MessageBody | undefined
  readonly attachments: ReadonlyMap<string, Buffer>
  readonly reactions: ReadonlyMap<string, Buffer>
}

interface FoundRow {
  readonly seq: Seq
  /** Absent where only a part of a message lies, and not the message itself. */
  readonly row: TimelineRow | undefined
}

type After = Extract<TimelineRange, { readonly after: Seq }>
type Before = Extract<TimelineRange, { readonly before: Seq }>

/** Rows that one query asks for. */
const MAX_ROWS = 500
const NONE: ReadonlyMap<string, Buffer> = new Map()

/** Reads rows across the buckets of a timeline. Seqs have no gaps, so a bucket that is not full is the last. */
export class TimelinePages {
  readonly #client: Pick<CassandraClient, 'read'>
  readonly #selectAfter: string
  readonly #selectBefore: string
  readonly #selectSome: string
  readonly #selectOne: string

  constructor(client: Pick<CassandraClient, 'keyspace' | 'read'>) {
    const table = `${client.keyspace}.timeline`
    const select = `SELECT seq, event, body, attachments, reactions FROM ${table} WHERE conversation = ? AND bucket = ?`
    this.#client = client
    this.#selectAfter = `${select} AND seq > ? AND seq <= ? LIMIT ?`
    this.#selectBefore = `${select} AND seq < ? ORDER BY seq DESC LIMIT ?`
    this.#selectSome = `${select} AND seq IN ?`
    this.#selectOne = `SELECT seq FROM ${table} WHERE conversation = ? AND bucket = ? AND seq = ?`
  }

  /** Ascending. */
  async readAfter(
    id: ConversationId,
    { after, upTo, limit }: After,
  ): Promise<readonly TimelineRow[]> {
    const conversation = conversationKey(id)
    const end = Math.min(upTo, MAX_SEQ)
    const rows: TimelineRow[] = []
    let last = after
    while (rows.length < limit && last < end) {
      const bucket = bucketOf(last + 1)
      const size = Math.min(limit - rows.length, MAX_ROWS)
      const values = [conversation, bucket, BigInt(last), BigInt(end), size]
      const page = await this.#client.read(this.#selectAfter, values, parseRow)
      rows.push(...liveRows(page))
      const reached = page.at(-1)?.seq ?? last
      if (page.length < size && reached !== lastSeqOf(bucket)) break
      last = reached
    }
    return rows
  }

  /** Ascending; those nearest to `before`. */
  async readBefore(id: ConversationId, { before, limit }: Before): Promise<readonly TimelineRow[]> {
    const conversation = conversationKey(id)
    const rows: TimelineRow[] = []
    let first = Math.min(before, MAX_SEQ)
    while (rows.length < limit && first > 1) {
      const bucket = bucketOf(first - 1)
      const size = Math.min(limit - rows.length, MAX_ROWS)
      const values = [conversation, bucket, BigInt(first), size]
      const page = await this.#client.read(this.#selectBefore, values, parseRow)
      rows.push(...liveRows(page))
      if (page.length === 0) first = await this.#endBelow(conversation, bucket)
      else if (page.length < size) first = firstSeqOf(bucket)
      else first = page.at(-1)?.seq ?? 1
    }
    return rows.reverse()
  }

  /** In no order; those that are there. */
  async readSome(id: ConversationId, seqs: readonly Seq[]): Promise<readonly TimelineRow[]> {
    const conversation = conversationKey(id)
    const inBuckets = Map.groupBy(
      seqs.filter((seq) => seq < MAX_SEQ),
      bucketOf,
    )
    const found = await Promise.all(
      Array.from(inBuckets, ([bucket, some]) =>
        this.#client.read(this.#selectSome, [conversation, bucket, some.map(BigInt)], parseRow),
      ),
    )
    return liveRows(found.flat())
  }

  /**
   * Just above the last bucket below `bucket` that holds anything; 1 when none does. A bucket holds something when it
   * has its first event: gallops up from the beginning, then halves what is left.
   */
  async #endBelow(conversation: Buffer, bucket: number): Promise<Seq> {
    let [used, empty] = [-1, bucket]
    for (let step = 1; used + step < empty; step *= 2) {
      if (await this.#isUsed(conversation, used + step)) used += step
      else empty = used + step
    }
    while (empty - used > 1) {
      const middle = Math.floor((used + empty) / 2)
      if (await this.#isUsed(conversation, middle)) used = middle
      else empty = middle
    }
    return used < 0 ? 1 : lastSeqOf(used) + 1
  }

  async #isUsed(conversation: Buffer, bucket: number): Promise<boolean> {
    const values = [conversation, bucket, BigInt(firstSeqOf(bucket))]
    const rows = await this.#client.read(this.#selectOne, values, () => undefined)
    return rows.length > 0
  }
}

function liveRows(found: readonly FoundRow[]): readonly TimelineRow[] {
  return found.flatMap(({ row }) => row ?? [])
}

function parseRow(row: CassandraRow): FoundRow {
  const seq = Number(row['seq'])
  const event = row['event'] as Buffer | null
  if (event === null) return { seq, row: undefined }
  const body = row['body'] as Buffer | null
  return {
    seq,
    row: {
      seq,
      event: parseEventCell(event),
      body: body === null ? undefined : parseBodyCell(body),
      attachments: (row['attachments'] as Map<string, Buffer> | null) ?? NONE,
      reactions: (row['reactions'] as Map<string, Buffer> | null) ?? NONE,
    },
  }
}
