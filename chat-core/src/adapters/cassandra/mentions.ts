import { EVERYBODY } from '../../domain/decision.ts'
import type { Mentions } from '../../ports/mentions.ts'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'
import { conversationKey } from './conversation-key.ts'

/** Rows by (user, conversation) and seq, everybody's under no user. */
export function openCassandraMentions(
  client: Pick<CassandraClient, 'keyspace' | 'read'>,
): Mentions {
  const select = `SELECT seq FROM ${client.keyspace}.mentions WHERE user = ? AND conversation = ? AND seq > ? LIMIT ?`
  return {
    async count(userId, conversationId, after, limit) {
      const conversation = conversationKey(conversationId)
      const seqs = await Promise.all(
        [userId, EVERYBODY].map((user) =>
          client.read(select, [user, conversation, BigInt(after), limit], parseSeq),
        ),
      )
      // A message may mention both: it counts once.
      return Math.min(new Set(seqs.flat()).size, limit)
    },
  }
}

function parseSeq(row: CassandraRow): bigint {
  return row['seq'] as bigint
}
