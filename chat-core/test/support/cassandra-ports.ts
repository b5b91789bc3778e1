import type { CassandraClient } from '../../src/adapters/cassandra/cassandra-client.ts'
import { openCassandraConversationStore } from '../../src/adapters/cassandra/conversation-store.ts'
import { openCassandraInbox } from '../../src/adapters/cassandra/inbox.ts'
import { openCassandraMarks } from '../../src/adapters/cassandra/marks.ts'
import { openCassandraMentions } from '../../src/adapters/cassandra/mentions.ts'
import { openCassandraTimeline } from '../../src/adapters/cassandra/timeline.ts'
import type { Backend } from '../../src/backends/backend.ts'
import { RecordedJobs } from './recorded-jobs.ts'

/** Everywhere a commit writes to, jobs left out. */
export type CommitPorts = Pick<
  Backend,
  'conversations' | 'timeline' | 'inbox' | 'marks' | 'mentions'
>

/** Those of one client. */
export function cassandraPortsOf(client: CassandraClient): CommitPorts {
  return {
    conversations: openCassandraConversationStore({ client, jobs: new RecordedJobs() }),
    timeline: openCassandraTimeline(client),
    inbox: openCassandraInbox(client),
    marks: openCassandraMarks(client),
    mentions: openCassandraMentions(client),
  }
}
