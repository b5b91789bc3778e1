import { packPosition } from '../../domain/log-position.ts'
import type { ConversationCommit } from '../../ports/conversation-store.ts'
import { formatCell } from '../cell-value.ts'
import { HotCells } from '../hot-cell.ts'
import type { CassandraClient, CassandraWrite } from './cassandra-client.ts'
import { conversationKey } from './conversation-key.ts'
import { formatRows } from './conversation-rows.ts'
import { formatMark } from './mark-cell.ts'
import { PartitionWrites } from './partition-writes.ts'
import { ReactionWrites } from './reaction-writes.ts'
import { TimelineWrites } from './timeline-writes.ts'

const REMOVED = Buffer.alloc(0)

/** What a commit writes, in two parts: first what lies elsewhere, last the conversation's own partition. */
export class CommitWrites {
  readonly #formats = new HotCells()
  readonly #timeline: TimelineWrites
  readonly #reactions: ReactionWrites
  readonly #insertRow: string
  readonly #insertMark: string
  readonly #insertInbox: string
  readonly #insertMention: string

  constructor(client: Pick<CassandraClient, 'keyspace' | 'read'>) {
    const { keyspace } = client
    this.#timeline = new TimelineWrites(client)
    this.#reactions = new ReactionWrites(client)
    this.#insertRow = `INSERT INTO ${keyspace}.conversation (conversation, section, key, value) VALUES (?, ?, ?, ?)`
    this.#insertMark = `INSERT INTO ${keyspace}.marks (conversation, user, read) VALUES (?, ?, ?) USING TIMESTAMP ?`
    this.#insertInbox = `INSERT INTO ${keyspace}.inbox (user, conversation, value) VALUES (?, ?, ?) USING TIMESTAMP ?`
    this.#insertMention = `INSERT INTO ${keyspace}.mentions (user, conversation, seq) VALUES (?, ?, ?) USING TIMESTAMP ?`
  }

  /** Batches, in no order; each says its timestamps. */
  async elsewhere(commit: ConversationCommit): Promise<readonly (readonly CassandraWrite[])[]> {
    const writes = new PartitionWrites()
    const conversation = conversationKey(commit.conversationId)
    const timestamp = packPosition(commit.position)
    this.#timeline.addEvents(writes, commit)
    if (commit.parts.length > 0) await this.#timeline.addParts(writes, commit)
    if (commit.reactions.length > 0) await this.#reactions.add(writes, commit)
    for (const { userId, value } of commit.inbox) {
      const cell = value === undefined ? REMOVED : formatCell(value)
      const values = [userId, conversation, cell, timestamp]
      writes.add(`inbox/${userId}`, { statement: this.#insertInbox, values })
    }
    for (const { userId, seq } of commit.mentions) {
      const values = [userId, conversation, BigInt(seq), BigInt(seq)]
      writes.add(`mentions/${userId}`, { statement: this.#insertMention, values })
    }
    return writes.list()
  }

  /** One batch, of the commit's position where a write does not say another: marks have their seqs. */
  own({ conversationId, rows, position, marks }: ConversationCommit): readonly CassandraWrite[] {
    const conversation = conversationKey(conversationId)
    const writes: CassandraWrite[] = []
    for (const { section, key, value } of formatRows(this.#formats, rows, position))
      writes.push({ statement: this.#insertRow, values: [conversation, section, key, value] })
    for (const { userId, mark } of marks) {
      const values = [conversation, userId, formatMark(mark), BigInt(mark.seq)]
      writes.push({ statement: this.#insertMark, values })
    }
    return writes
  }
}
