import type { AttachmentId, ConversationId } from '@satchel/protocol'
import type { AttachmentRow } from '../../ports/attachment-catalogue.ts'
import type { Clock } from '../../ports/clock.ts'
import type { CassandraClient, CassandraRow, CassandraWrite } from './cassandra-client.ts'
import { INDEX_SETTLED_AFTER_MS } from './indexed-first.ts'
import { idBytes, parseStoredAttachmentId } from './stored-id.ts'

export interface ConversationAttachmentsOptions {
  readonly client: Pick<CassandraClient, 'keyspace' | 'read' | 'write'>
  readonly clock: Clock
}

export interface AttachmentEntry {
  readonly conversationId: ConversationId
  /** The attachment's. */
  readonly id: Buffer
  readonly createdMs: number
}

type Indexed = Pick<AttachmentRow, 'id' | 'conversationId' | 'createdMs'>

const SHARDS = 16
const FIRST = Buffer.alloc(0)

/**
 * Which attachments a conversation has, in the order of their ids and in as many partitions as their first
 * digit can be. An entry's timestamp is when its attachment was made, or when that was tried again: writing it late
 * does not bring back what was removed.
 */
export class ConversationAttachments {
  readonly #options: ConversationAttachmentsOptions

  constructor(options: ConversationAttachmentsOptions) {
    this.#options = options
  }

  /** To be done before the row is there. */
  writeOf({ id, conversationId, createdMs }: Indexed): CassandraWrite {
    const { client } = this.#options
    const attachment = idBytes(id)
    const created = BigInt(Math.floor(createdMs))
    return {
      statement: `INSERT INTO ${client.keyspace}.conversation_attachments
        (conversation, shard, attachment, created_ms) VALUES (?, ?, ?, ?) USING TIMESTAMP ?`,
      values: [
        idBytes(conversationId),
        shardOf(attachment),
        attachment,
        created,
        microseconds(createdMs),
      ],
    }
  }

  /**
   * Once its row is gone: takes the entry away, also as later creations that found the row there have written it.
   * What is younger than a row may take is left: it may be of the next row with this id.
   */
  async remove({ id, conversationId, createdMs }: Indexed): Promise<void> {
    const { client, clock } = this.#options
    const attachment = idBytes(id)
    const removedMs = Math.max(createdMs, clock.nowMs() - INDEX_SETTLED_AFTER_MS)
    await client.write(
      `DELETE FROM ${client.keyspace}.conversation_attachments
        WHERE conversation = ? AND shard = ? AND attachment = ?`,
      [idBytes(conversationId), shardOf(attachment), attachment],
      microseconds(removedMs),
    )
  }

  /** An entry that leads to no row: takes it away, unless the row may be on its way. */
  async forget(entry: AttachmentEntry): Promise<void> {
    const { clock } = this.#options
    if (entry.createdMs > clock.nowMs() - INDEX_SETTLED_AFTER_MS) return
    await this.remove({ ...entry, id: idOf(entry) })
  }

  /** In pages of up to `limit`, each of one partition. */
  async *list(
    conversationId: ConversationId,
    { after, limit }: { readonly after: AttachmentId | undefined; readonly limit: number },
  ): AsyncGenerator<readonly AttachmentEntry[]> {
    let last = after === undefined ? FIRST : idBytes(after)
    for (let shard = shardOf(last); shard < SHARDS;) {
      const page = await this.#readPage(conversationId, shard, last, limit)
      if (page.length > 0) yield page
      if (page.length < limit) {
        shard++
        last = FIRST
      } else last = page.at(-1)?.id ?? FIRST
    }
  }

  #readPage(
    conversationId: ConversationId,
    shard: number,
    after: Buffer,
    limit: number,
  ): Promise<readonly AttachmentEntry[]> {
    const { client } = this.#options
    return client.read(
      `SELECT attachment, created_ms FROM ${client.keyspace}.conversation_attachments
        WHERE conversation = ? AND shard = ? AND attachment > ? LIMIT ?`,
      [idBytes(conversationId), shard, after, limit],
      (row) => parseEntry(conversationId, row),
    )
  }
}

export function idOf({ id }: AttachmentEntry): AttachmentId {
  return parseStoredAttachmentId(id)
}

/** The first hexadecimal digit. */
function shardOf(id: Buffer): number {
  return (id[0] ?? 0) >> 4
}

function microseconds(ms: number): bigint {
  return BigInt(Math.floor(ms)) * 1_000n
}

function parseEntry(conversationId: ConversationId, row: CassandraRow): AttachmentEntry {
  return {
    conversationId,
    id: row['attachment'] as Buffer,
    createdMs: Number(row['created_ms']),
  }
}
