import type { UserId } from '@satchel/protocol'
import type { Marks, UserMarks } from '../../ports/marks.ts'
import { parseStoredUserId } from '../cell-value.ts'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'
import { conversationKey } from './conversation-key.ts'
import { NO_MARK, formatMark, parseMark } from './mark-cell.ts'

/** One row for a user's two marks in a conversation; each is written with its seq as the timestamp. */
export function openCassandraMarks(
  client: Pick<CassandraClient, 'keyspace' | 'read' | 'write'>,
): Marks {
  const table = `${client.keyspace}.marks`
  const insert = {
    read: `INSERT INTO ${table} (conversation, user, read) VALUES (?, ?, ?)`,
    delivered: `INSERT INTO ${table} (conversation, user, delivered) VALUES (?, ?, ?)`,
  }
  const select = `SELECT user, read, delivered FROM ${table} WHERE conversation = ?`
  return {
    async advance(conversationId, userId, kind, mark) {
      const values = [conversationKey(conversationId), userId, formatMark(mark)]
      await client.write(insert[kind], values, BigInt(mark.seq))
    },
    async readOwn(userId, conversationIds) {
      return Promise.all(
        conversationIds.map(async (id) => {
          const values = [conversationKey(id), userId]
          const [marks] = await client.read(`${select} AND user = ?`, values, parseMarks)
          return marks ?? noMarks(userId)
        }),
      )
    },
    async readAll(conversationId, limit) {
      return client.read(`${select} LIMIT ?`, [conversationKey(conversationId), limit], parseMarks)
    },
  }
}

function noMarks(userId: UserId): UserMarks {
  return { userId, read: NO_MARK, delivered: NO_MARK }
}

function parseMarks(row: CassandraRow): UserMarks {
  return {
    userId: parseStoredUserId(row['user'] as string),
    read: parseMark(row['read'] as Buffer | null),
    delivered: parseMark(row['delivered'] as Buffer | null),
  }
}
