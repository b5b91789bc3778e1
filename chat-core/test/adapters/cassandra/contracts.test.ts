import type { TestContext } from 'node:test'
import type { CassandraClient } from '../../../src/adapters/cassandra/cassandra-client.ts'
import { openCassandraCheckpoints } from '../../../src/adapters/cassandra/checkpoints.ts'
import { openCassandraConversationStore } from '../../../src/adapters/cassandra/conversation-store.ts'
import { openCassandraFollowers } from '../../../src/adapters/cassandra/followers.ts'
import { openCassandraInbox } from '../../../src/adapters/cassandra/inbox.ts'
import { openCassandraMarks } from '../../../src/adapters/cassandra/marks.ts'
import { openCassandraMentions } from '../../../src/adapters/cassandra/mentions.ts'
import { openCassandraTimeline } from '../../../src/adapters/cassandra/timeline.ts'
import { openCassandraUsers } from '../../../src/adapters/cassandra/users.ts'
import { describeCheckpoints } from '../../contracts/checkpoints.contract.ts'
import { describeConversationStore } from '../../contracts/conversation-store.contract.ts'
import { describeFollowers } from '../../contracts/followers.contract.ts'
import { describeInbox } from '../../contracts/inbox.contract.ts'
import { describeMarks } from '../../contracts/marks.contract.ts'
import { describeMentions } from '../../contracts/mentions.contract.ts'
import { describeTimeline } from '../../contracts/timeline.contract.ts'
import { describeUsers } from '../../contracts/users.contract.ts'
import { RecordedJobs } from '../../support/recorded-jobs.ts'
import {
  sharedClients,
  startCassandraOfFile,
  type CassandraServers,
} from '../../support/real-cassandra.ts'

const servers = await startCassandraOfFile()
if (servers !== undefined) describeContracts(servers)

function describeContracts(servers: CassandraServers): void {
  const clients = sharedClients(servers)
  const subject = {
    open(_: TestContext) {
      const [one, other] = clients().map(portsOf)
      if (one === undefined || other === undefined) throw new Error('there are two clients')
      return Promise.resolve({ one, other, advance: () => Promise.resolve() })
    },
  }
  describeCheckpoints('cassandra', subject)
  describeConversationStore('cassandra', subject)
  describeFollowers('cassandra', subject)
  describeInbox('cassandra', subject)
  describeMarks('cassandra', subject)
  describeMentions('cassandra', subject)
  describeTimeline('cassandra', subject)
  describeUsers('cassandra', subject)
}

function portsOf(client: CassandraClient) {
  return {
    checkpoints: openCassandraCheckpoints(client),
    conversations: openCassandraConversationStore({ client, jobs: new RecordedJobs() }),
    followers: openCassandraFollowers(client),
    inbox: openCassandraInbox(client),
    marks: openCassandraMarks(client),
    mentions: openCassandraMentions(client),
    timeline: openCassandraTimeline(client),
    users: openCassandraUsers(client),
  }
}
