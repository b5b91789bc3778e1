import type { ConversationRow } from '../../domain/conversation-state.ts'
import { packPosition, type LogPosition } from '../../domain/log-position.ts'
import type { ConversationStore, StoredConversation } from '../../ports/conversation-store.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import { inParallel } from '../in-parallel.ts'
import type { CassandraClient } from './cassandra-client.ts'
import { CommitWrites } from './commit-writes.ts'
import { conversationJobId } from './conversation-job-id.ts'
import { conversationKey } from './conversation-key.ts'
import { parseRow, parseStoredRow, type StoredRow } from './conversation-rows.ts'

export interface CassandraConversationStoreDeps {
  readonly client: Pick<CassandraClient, 'keyspace' | 'read' | 'writeTogether'>
  readonly jobs: Pick<JobQueue, 'enqueue'>
}

/** Of one commit. */
const WRITES_AT_ONCE = 32

/**
 * A commit is many writes, in an order: first the rows that lie elsewhere, then the jobs, and after all of these
 * the conversation's own partition, in one batch, which makes it count. Each may be done twice or late, by anyone:
 * see `WriteTimestamp`.
 */
export function openCassandraConversationStore({
  client,
  jobs,
}: CassandraConversationStoreDeps): ConversationStore {
  const writes = new CommitWrites(client)
  // Whole: a part of it read by others could be repaired without the rest, and tear a batch.
  const select = `SELECT section, key, value FROM ${client.keyspace}.conversation WHERE conversation = ?`
  return {
    atomicCommit: false,
    async read(id) {
      return storedConversation(await client.read(select, [conversationKey(id)], parseStoredRow))
    },
    async commit(commit) {
      const elsewhere = await writes.elsewhere(commit)
      await inParallel(elsewhere, WRITES_AT_ONCE, (batch) => client.writeTogether(batch))
      await inParallel(commit.jobs, WRITES_AT_ONCE, (job) =>
        jobs.enqueue(conversationJobId(job), { kind: 'conversation_job', job }),
      )
      await client.writeTogether(writes.own(commit), packPosition(commit.position))
    },
  }
}

function storedConversation(stored: readonly StoredRow[]): StoredConversation | undefined {
  const rows: ConversationRow[] = []
  let latest: LogPosition | undefined
  for (const { row, position } of stored.map(parseRow)) {
    if (row !== undefined) rows.push(row)
    if (position === undefined) continue
    if (latest === undefined || packPosition(position) > packPosition(latest)) latest = position
  }
  return latest === undefined ? undefined : { position: latest, rows }
}
