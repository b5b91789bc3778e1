import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LIMITS, newAttachmentId, newOutboxId, type Attachment } from '@satchel/protocol'
import type {
  CassandraClient,
  CassandraRow,
  CassandraValue,
  CassandraWrite,
} from '../../../src/adapters/cassandra/cassandra-client.ts'
import { openCassandraConversationStore } from '../../../src/adapters/cassandra/conversation-store.ts'
import { MAX_BATCH_BYTES, sizeOf } from '../../../src/adapters/cassandra/partition-writes.ts'
import { openCassandraTimeline } from '../../../src/adapters/cassandra/timeline.ts'
import type { ConversationRow } from '../../../src/domain/conversation-state.ts'
import { ConversationHistory, attachmentIn, message } from '../../support/conversation-history.ts'
import { ALICE, newPerson, personNamed } from '../../support/people.ts'
import {
  sharedClients,
  startCassandraOfFile,
  type CassandraServers,
} from '../../support/real-cassandra.ts'
import { RecordedJobs } from '../../support/recorded-jobs.ts'

/** An owner folds no more commands into one commit. */
const FOLDED = 100

const servers = await startCassandraOfFile()
if (servers !== undefined) describeBatches(servers)

function describeBatches(servers: CassandraServers): void {
  const clients = sharedClients(servers)

  describe('batches of a commit', () => {
    it('hold at most 64 KB of one partition, but for the last, with as many messages as large as they may be', async () => {
      const [client, other] = clients()
      const batches = new RecordedBatches(client)
      const history = historyOver(batches)
      const contents = Array.from({ length: FOLDED }, () => {
        const attachments = Array.from({ length: LIMITS.attachmentsPerMessage }, largeAttachment)
        return { authorId: ALICE, content: message('x'.repeat(LIMITS.textBytes), attachments) }
      })
      const { events } = await history.commit(contents)
      assert.ok(batches.list.length > 20)
      for (const batch of batches.list.slice(0, -1)) {
        assert.ok(sizeOf(batch) <= MAX_BATCH_BYTES, `${sizeOf(batch)} bytes`)
        assert.equal(new Set(batch.map(partitionOfTimeline)).size, 1)
      }
      const range = { after: 0, upTo: FOLDED, limit: FOLDED }
      assert.deepEqual(await openCassandraTimeline(other).read(history.id, range), events)
    })

    it('are one for the conversation itself, however many members and answers it changes', async () => {
      const [client, other] = clients()
      const batches = new RecordedBatches(client)
      const history = historyOver(batches)
      const people = Array.from({ length: FOLDED * LIMITS.membersPerCommand }, () => newPerson())
      const rows = [...people.map(memberRow), ...Array.from({ length: FOLDED }, fullOutboxRow)]
      await history.commit([], {
        rows,
        inbox: people.map((userId) => ({ userId, value: { joinedSeq: 1 } })),
        marks: people.map((userId) => ({ userId, mark: { seq: 1, ordinal: 0 } })),
      })
      const last = batches.list.at(-1) ?? []
      assert.equal(last.length, 1 + rows.length + people.length)
      // Half of a commit log segment is what Cassandra takes at most.
      assert.ok(sizeOf(last) < 16 * 1024 * 1024, `${sizeOf(last)} bytes`)
      const jobs = new RecordedJobs()
      const stored = await openCassandraConversationStore({ client: other, jobs }).read(history.id)
      assert.equal(stored?.rows.length, 1 + rows.length)
    })

    it('are two for a plain message: its event, then head, outbox and mark', async () => {
      const batches = new RecordedBatches(clients()[0])
      const history = historyOver(batches)
      await history.commit([{ authorId: ALICE, content: message('hello') }], {
        rows: [fullOutboxRow()],
        marks: [{ userId: ALICE, mark: { seq: 1, ordinal: 1 } }],
      })
      assert.deepEqual(
        batches.list.map((batch) => batch.map(tableOf)),
        [['timeline'], ['conversation', 'conversation', 'marks']],
      )
    })
  })
}

function historyOver(client: RecordedBatches): ConversationHistory {
  const jobs = new RecordedJobs()
  return new ConversationHistory(openCassandraConversationStore({ client, jobs }), ALICE)
}

/** Passes everything on, and keeps what was written together. */
class RecordedBatches {
  readonly keyspace: string
  readonly list: (readonly CassandraWrite[])[] = []
  readonly #client: CassandraClient

  constructor(client: CassandraClient) {
    this.keyspace = client.keyspace
    this.#client = client
  }

  read<Row>(
    statement: string,
    values: readonly CassandraValue[],
    parse: (row: CassandraRow) => Row,
  ): Promise<readonly Row[]> {
    return this.#client.read(statement, values, parse)
  }

  writeTogether(...[writes, timestamp]: Parameters<CassandraClient['writeTogether']>) {
    this.list.push(writes)
    return this.#client.writeTogether(writes, timestamp)
  }
}

function largeAttachment(): Attachment {
  return {
    ...attachmentIn('ready', { id: newAttachmentId(), version: 1 }),
    name: 'n'.repeat(LIMITS.fileNameBytes),
    alt: 'ä'.repeat(LIMITS.altCharacters),
    caption: 'ö'.repeat(LIMITS.captionCharacters),
    variants: Array.from({ length: 16 }, (_, index) => ({
      name: `variant-${index}`,
      contentType: 'video/mp4',
      sizeBytes: 1_000_000,
    })),
  }
}

function memberRow(userId: ReturnType<typeof newPerson>): ConversationRow {
  const value = { role: 'member', joinedSeq: 1, settings: {} } as const
  return { row: 'member', userId, value }
}

function fullOutboxRow(_nothing?: unknown, slot = 0): ConversationRow {
  const answers = Array.from({ length: LIMITS.answersPerOutbox }, (_, index) => ({
    counter: index + 1,
    contentHash: 0xffff_ffff,
    answer: { kind: 'rejected', code: 'not_allowed', message: 'm'.repeat(100) } as const,
  }))
  const value = { slot, highestCounter: 16, lastUsedMs: 1_700_000_000_000, answers }
  return { row: 'outbox', userId: personNamed('u'.repeat(64)), outbox: newOutboxId(), value }
}

function tableOf({ statement }: CassandraWrite): string | undefined {
  return /\.(\w+)/.exec(statement)?.[1]
}

/** Bucket and table, wherever the statement has them. */
function partitionOfTimeline({ values }: CassandraWrite): number {
  return values.filter((value) => typeof value === 'number')[0] ?? -1
}
