import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { ConversationEvent, Seq } from '@satchel/protocol'
import { openCassandraConversationStore } from '../../../src/adapters/cassandra/conversation-store.ts'
import { openCassandraTimeline } from '../../../src/adapters/cassandra/timeline.ts'
import type { Timeline, TimelineRange } from '../../../src/ports/timeline.ts'
import { ConversationHistory, message } from '../../support/conversation-history.ts'
import { ALICE, BOB } from '../../support/people.ts'
import {
  sharedClients,
  startCassandraOfFile,
  type CassandraServers,
} from '../../support/real-cassandra.ts'
import { RecordedJobs } from '../../support/recorded-jobs.ts'

const LAST = 20_050

const servers = await startCassandraOfFile()
if (servers !== undefined) describeBuckets(servers)

/** A conversation of three buckets: 1 to 9,999, 10,000 to 19,999, and 51 more. */
function describeBuckets(servers: CassandraServers): void {
  const clients = sharedClients(servers)
  let history: ConversationHistory
  let timeline: Timeline

  const seqs = async (range: TimelineRange) =>
    (await timeline.read(history.id, range)).map(({ seq }) => seq)

  describe('a timeline across buckets', () => {
    before(async () => {
      const [client, other] = clients()
      timeline = openCassandraTimeline(other)
      const jobs = new RecordedJobs()
      history = new ConversationHistory(openCassandraConversationStore({ client, jobs }), ALICE)
      for (let seq = 1; seq <= LAST; seq += 50) {
        const texts = Array.from({ length: 50 }, (_, index) => message(`m${seq + index}`))
        await history.commit(texts.map((content) => ({ authorId: ALICE, content })))
      }
    })

    it('reads forwards over a boundary, and from exactly there', async () => {
      for (const edge of [10_000, 20_000]) {
        const upTo = edge + 2
        assert.deepEqual(await seqs({ after: edge - 3, upTo, limit: 10 }), run(edge - 2, upTo))
        assert.deepEqual(await seqs({ after: edge - 2, upTo, limit: 10 }), run(edge - 1, upTo))
        assert.deepEqual(await seqs({ after: edge - 1, upTo, limit: 10 }), run(edge, upTo))
        assert.deepEqual(await seqs({ after: edge, upTo, limit: 10 }), run(edge + 1, upTo))
        assert.deepEqual(
          await seqs({ after: edge - 3, upTo: edge, limit: 10 }),
          run(edge - 2, edge),
        )
        assert.deepEqual(await seqs({ after: edge - 3, upTo: edge - 1, limit: 10 }), [
          edge - 2,
          edge - 1,
        ])
        assert.deepEqual(await seqs({ after: edge - 3, upTo, limit: 2 }), [edge - 2, edge - 1])
        assert.deepEqual(await seqs({ after: edge - 3, upTo, limit: 3 }), run(edge - 2, edge))
      }
    })

    it('reads backwards over a boundary, and from exactly there', async () => {
      for (const edge of [10_000, 20_000]) {
        assert.deepEqual(await seqs({ before: edge + 2, limit: 4 }), run(edge - 2, edge + 1))
        assert.deepEqual(await seqs({ before: edge + 1, limit: 1 }), [edge])
        assert.deepEqual(await seqs({ before: edge + 1, limit: 2 }), [edge - 1, edge])
        assert.deepEqual(await seqs({ before: edge, limit: 2 }), [edge - 2, edge - 1])
        assert.deepEqual(await seqs({ before: edge - 1, limit: 1 }), [edge - 2])
      }
    })

    it('reads more at once than one query gives, over all buckets', async () => {
      assert.deepEqual(await seqs({ after: 0, upTo: LAST, limit: LAST }), run(1, LAST))
      assert.deepEqual(await seqs({ before: LAST + 1, limit: 10_060 }), run(9_991, LAST))
    })

    it('finds the end from anywhere beyond it', async () => {
      for (const start of [LAST + 1, 29_999, 30_000, 30_001, 1_000_000, Number.MAX_SAFE_INTEGER]) {
        assert.deepEqual(await seqs({ before: start, limit: 2 }), [LAST - 1, LAST])
        assert.deepEqual(await seqs({ after: start, upTo: Number.MAX_SAFE_INTEGER, limit: 2 }), [])
      }
      const after = LAST - 1
      assert.deepEqual(await seqs({ after, upTo: Number.MAX_SAFE_INTEGER, limit: 9 }), [LAST])
    })

    it('changes messages of other buckets, and shows changes what they say now', async () => {
      const targets = [9_999, 10_000, 19_999]
      const edits = targets.map((target) => ({ target, body: { version: LAST + 9, text: 'new' } }))
      const first = history.lastSeq + 1
      await history.commit(
        edits.map((edit) => ({ authorId: ALICE, content: { kind: 'message_edited', ...edit } })),
        {
          parts: edits.map(({ target, body }) => ({ part: 'body', target, value: body })),
          reactions: targets.map((target) => ({
            target,
            emoji: '👍',
            userId: BOB,
            removed: false,
            position: history.nextPosition(),
          })),
        },
      )
      for (const target of targets) {
        const [event] = await timeline.read(history.id, {
          after: target - 1,
          upTo: target,
          limit: 1,
        })
        assert.equal(textOf(event), 'new')
        assert.deepEqual(event?.content.kind === 'message_sent' && event.content.reactions, [
          { emoji: '👍', count: 1, userIds: [BOB] },
        ])
      }
      const changes = await timeline.read(history.id, { before: first + 3, limit: 3 })
      assert.deepEqual(changes.map(textOf), ['new', 'new', 'new'])
    })

    it('tells facts of several buckets', async () => {
      const facts = await timeline.readFacts(history.id, [20_000, 9_999, 10_000, 50_000])
      assert.deepEqual([...facts.keys()].toSorted(), [10_000, 20_000, 9_999])
    })
  })
}

function run(from: Seq, to: Seq): Seq[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

function textOf(event: ConversationEvent | undefined): string | undefined {
  const content = event?.content
  return content?.kind === 'message_sent' || content?.kind === 'message_edited'
    ? content.body?.text
    : undefined
}
