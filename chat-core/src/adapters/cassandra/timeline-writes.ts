import type { ConversationEvent, ConversationId, Seq } from '@satchel/protocol'
import type { LogPosition } from '../../domain/log-position.ts'
import type { ChangedPart, ConversationCommit } from '../../ports/conversation-store.ts'
import { formatCell } from '../cell-value.ts'
import type { CassandraClient, CassandraRow, CassandraWrite } from './cassandra-client.ts'
import { bucketOf, conversationKey } from './conversation-key.ts'
import { formatEvent, parseEventCell } from './event-cell.ts'
import type { PartitionWrites } from './partition-writes.ts'

// Events and bodies are ordered by generation and seq, not by log positions: within a generation a cell never changes but
// by a greater version, whoever folds which commands into one commit; and a new generation may decide something else
// under a seq for which the one before had begun to write. Attachments are ordered by their own versions.

type Body = Extract<ChangedPart, { readonly part: 'body' }>

const GONE = Buffer.alloc(0)
/** Above every seq and version. */
const FINAL_TIMESTAMP = 2n ** 62n
/** Room for every seq; with the largest generation above it, still below `FINAL_TIMESTAMP`. */
const SEQ_BITS = 54n

function timestampOf({ generation }: LogPosition, seq: Seq): bigint {
  return (BigInt(generation) << SEQ_BITS) | BigInt(seq)
}

/** A deletion is above every change, and of several the first stays. */
function deletionTimestamp(seq: Seq): bigint {
  return FINAL_TIMESTAMP - BigInt(seq)
}

export function timelinePartition(conversationId: ConversationId, seq: Seq): string {
  return `${conversationId}/${bucketOf(seq)}`
}

/** Writes of events and of the changed parts of messages. */
export class TimelineWrites {
  readonly #client: Pick<CassandraClient, 'read'>
  readonly #insertEvent: string
  readonly #insertMessage: string
  readonly #setBody: string
  readonly #setAttachment: string
  readonly #selectEvent: string

  constructor(client: Pick<CassandraClient, 'keyspace' | 'read'>) {
    const table = `${client.keyspace}.timeline`
    const at = 'WHERE conversation = ? AND bucket = ? AND seq = ?'
    this.#client = client
    this.#insertEvent = `INSERT INTO ${table} (conversation, bucket, seq, event) VALUES (?, ?, ?, ?) USING TIMESTAMP ?`
    this.#insertMessage = `INSERT INTO ${table} (conversation, bucket, seq, event, body) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?`
    this.#setBody = `UPDATE ${table} USING TIMESTAMP ? SET body = ? ${at}`
    this.#setAttachment = `UPDATE ${table} USING TIMESTAMP ? SET attachments[?] = ? ${at}`
    this.#selectEvent = `SELECT event FROM ${table} ${at}`
  }

  addEvents(
    writes: PartitionWrites,
    {
      conversationId,
      events,
      position,
    }: Pick<ConversationCommit, 'conversationId' | 'events' | 'position'>,
  ): void {
    for (const event of events)
      writes.add(
        timelinePartition(conversationId, event.seq),
        ...this.#eventWrites(conversationId, event, timestampOf(position, event.seq)),
      )
  }

  /** Reads what a deleted message had, where that is not part of the same commit. */
  async addParts(
    writes: PartitionWrites,
    {
      conversationId,
      events,
      parts,
      position,
    }: Pick<ConversationCommit, 'conversationId' | 'events' | 'parts' | 'position'>,
  ): Promise<void> {
    for (const part of parts) {
      const partition = timelinePartition(conversationId, part.target)
      const place = placeOf(conversationId, part.target)
      if (part.part === 'attachment') {
        const { id, version } = part.value
        writes.add(
          partition,
          this.#attachmentWrite(place, id, formatCell(part.value), BigInt(version)),
        )
      } else if (part.value.deleted === true) {
        const ids = await this.#attachmentIds(conversationId, part.target, events)
        writes.add(partition, ...this.#deletionWrites(place, part, ids))
      } else {
        const timestamp = timestampOf(position, part.value.version)
        writes.add(partition, this.#bodyWrite(place, part, timestamp))
      }
    }
  }

  #eventWrites(
    conversationId: ConversationId,
    event: ConversationEvent,
    timestamp: bigint,
  ): CassandraWrite[] {
    const { seq, content } = event
    const place = placeOf(conversationId, seq)
    const cell = formatEvent(event)
    if (content.kind !== 'message_sent')
      return [{ statement: this.#insertEvent, values: [...place, cell, timestamp] }]
    const body = formatCell(content.body)
    const message = { statement: this.#insertMessage, values: [...place, cell, body, timestamp] }
    const { attachments } = content
    if (attachments === undefined) return [message]
    const parts = attachments.map((attachment) =>
      this.#attachmentWrite(
        place,
        attachment.id,
        formatCell(attachment),
        BigInt(attachment.version),
      ),
    )
    return [message, ...parts]
  }

  #bodyWrite(place: Place, { value }: Body, timestamp: bigint): CassandraWrite {
    return { statement: this.#setBody, values: [timestamp, formatCell(value), ...place] }
  }

  #attachmentWrite(place: Place, id: string, cell: Buffer, timestamp: bigint): CassandraWrite {
    return { statement: this.#setAttachment, values: [timestamp, id, cell, ...place] }
  }

  #deletionWrites(place: Place, body: Body, attachmentIds: readonly string[]): CassandraWrite[] {
    const timestamp = deletionTimestamp(body.value.version)
    const parts = attachmentIds.map((id) => this.#attachmentWrite(place, id, GONE, timestamp))
    return [this.#bodyWrite(place, body, timestamp), ...parts]
  }

  async #attachmentIds(
    conversationId: ConversationId,
    target: Seq,
    events: readonly ConversationEvent[],
  ): Promise<readonly string[]> {
    const fresh = events.find(({ seq }) => seq === target)
    if (fresh !== undefined)
      return fresh.content.kind === 'message_sent'
        ? (fresh.content.attachments ?? []).map(({ id }) => id)
        : []
    const found = await this.#client.read(
      this.#selectEvent,
      placeOf(conversationId, target),
      parseAttachmentIds,
    )
    return found.flat()
  }
}

type Place = readonly [conversation: Buffer, bucket: number, seq: bigint]

function placeOf(conversationId: ConversationId, seq: Seq): Place {
  return [conversationKey(conversationId), bucketOf(seq), BigInt(seq)]
}

function parseAttachmentIds(row: CassandraRow): readonly string[] {
  const bytes = row['event'] as Buffer | null
  return bytes === null ? [] : (parseEventCell(bytes).attachmentIds ?? [])
}
