import type { ConversationId } from '@satchel/protocol'
import type { Inbox, InboxRow } from '../../ports/inbox.ts'
import { parseCell } from '../cell-value.ts'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'
import { conversationKey, parseConversationKey } from './conversation-key.ts'
import { readLiveRows } from './live-rows.ts'

interface InboxLine {
  readonly conversationId: ConversationId
  /** Absent when the user is not a member any more. */
  readonly row: InboxRow | undefined
}

const NO_KEY = Buffer.alloc(0)

/** A partition per user, in the order of conversation ids. */
export function openCassandraInbox(client: Pick<CassandraClient, 'keyspace' | 'read'>): Inbox {
  const select = `SELECT conversation, value FROM ${client.keyspace}.inbox WHERE user = ? AND conversation > ? LIMIT ?`
  return {
    async list(userId, { after, limit }) {
      return readLiveRows(
        limit,
        (last: InboxLine | undefined, size) => {
          const from = last?.conversationId ?? after
          const key = from === undefined ? NO_KEY : conversationKey(from)
          return client.read(select, [userId, key, size], parseLine)
        },
        ({ row }) => row,
      )
    },
  }
}

function parseLine(row: CassandraRow): InboxLine {
  const conversationId = parseConversationKey(row['conversation'] as Buffer)
  const value = row['value'] as Buffer
  if (value.length === 0) return { conversationId, row: undefined }
  const { joinedSeq } = parseCell(value) as Pick<InboxRow, 'joinedSeq'>
  return { conversationId, row: { conversationId, joinedSeq } }
}
