import type { ConversationId, Seq, UserId } from '@satchel/protocol'
import { fnv1a32 } from '../../domain/fnv.ts'
import type { FollowedRow, Followers } from '../../ports/followers.ts'
import { formatCell, parseCell } from '../cell-value.ts'
import type { CassandraClient, CassandraRow } from './cassandra-client.ts'
import { conversationKey, parseConversationKey } from './conversation-key.ts'
import { readLiveRows } from './live-rows.ts'

interface FollowingLine {
  readonly conversationId: ConversationId
  /** Absent when it is followed no more. */
  readonly row: FollowedRow | undefined
}

/** Partitions of a channel's followers: of a million, some 16,000 each. For ever the same. */
const SHARDS = 64
const GONE = Buffer.alloc(0)
const NO_KEY = Buffer.alloc(0)

/**
 * Two rows per follower, by channel and by user; the user's is what is read, and is written last. Their timestamps
 * are the writing process's time: of a `follow` and an `unfollow` by two processes at once either may hold.
 */
export function openCassandraFollowers(
  client: Pick<CassandraClient, 'keyspace' | 'read' | 'write'>,
): Followers {
  const { keyspace } = client
  const insertFollower = `INSERT INTO ${keyspace}.followers (channel, shard, user, value) VALUES (?, ?, ?, ?)`
  const insertFollowing = `INSERT INTO ${keyspace}.following (user, channel, value) VALUES (?, ?, ?)`
  const select = `SELECT channel, value FROM ${keyspace}.following WHERE user = ?`

  async function readRow(id: ConversationId, userId: UserId): Promise<FollowedRow | undefined> {
    const values = [userId, conversationKey(id)]
    const [line] = await client.read(`${select} AND channel = ?`, values, parseLine)
    return line?.row
  }

  async function write(id: ConversationId, userId: UserId, value: Buffer): Promise<void> {
    const channel = conversationKey(id)
    await client.write(insertFollower, [channel, fnv1a32(userId) % SHARDS, userId, value])
    await client.write(insertFollowing, [userId, channel, value])
  }

  return {
    async follow(conversationId, userId, joinedSeq) {
      if ((await readRow(conversationId, userId)) !== undefined) return
      await write(conversationId, userId, formatJoined(joinedSeq))
    },
    async unfollow(conversationId, userId) {
      if ((await readRow(conversationId, userId)) === undefined) return
      await write(conversationId, userId, GONE)
    },
    read: readRow,
    async following(userId, limit) {
      return readLiveRows(
        limit,
        (last: FollowingLine | undefined, size) => {
          const after = last === undefined ? NO_KEY : conversationKey(last.conversationId)
          return client.read(`${select} AND channel > ? LIMIT ?`, [userId, after, size], parseLine)
        },
        ({ row }) => row,
      )
    },
  }
}

function formatJoined(joinedSeq: Seq): Buffer {
  return formatCell({ joinedSeq })
}

function parseLine(row: CassandraRow): FollowingLine {
  const conversationId = parseConversationKey(row['channel'] as Buffer)
  const value = row['value'] as Buffer
  if (value.length === 0) return { conversationId, row: undefined }
  const { joinedSeq } = parseCell(value) as Pick<FollowedRow, 'joinedSeq'>
  return { conversationId, row: { conversationId, joinedSeq } }
}
