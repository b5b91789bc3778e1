import assert from 'node:assert/strict'
import { newOutboxId, parseOutboxId, type ConversationId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import type { ConversationCommit } from '../../src/ports/conversation-store.ts'
import { ALICE, BOB } from './people.ts'

const OUTBOX = parseOutboxId('AAAAAAA') ?? newOutboxId()

/** A commit of one message whose every part can be told from its seq. */
export function commitOfMessage(
  conversationId: ConversationId,
  generation: number,
  seq: number,
  textLength: number,
): ConversationCommit {
  const timeMs = 1_000 + seq
  return {
    conversationId,
    position: { generation, record: seq, index: 0 },
    events: [
      {
        seq,
        ordinal: seq,
        timeMs,
        authorId: ALICE,
        content: { kind: 'message_sent', body: { version: seq, text: textOf(seq, textLength) } },
      },
    ],
    parts: [],
    reactions: [],
    mentions: [{ userId: BOB, seq }],
    inbox: [{ userId: ALICE, value: { joinedSeq: seq } }],
    marks: [{ userId: ALICE, mark: { seq, ordinal: seq } }],
    jobs: [],
    rows: [
      {
        row: 'head',
        value: {
          seq,
          ordinal: seq,
          timeMs,
          createdMs: 1_000,
          kind: 'group',
          creatorId: ALICE,
          membershipSeq: 1,
          memberCount: 1,
          fanout: 'small',
          deleted: false,
        },
      },
      {
        row: 'outbox',
        userId: ALICE,
        outbox: OUTBOX,
        value: {
          slot: 0,
          highestCounter: seq,
          lastUsedMs: timeMs,
          answers: [{ counter: seq, contentHash: seq, answer: { kind: 'applied', seq, timeMs } }],
        },
      },
    ],
  }
}

/** How far the conversation is, after checking that everything up to there is whole. */
export async function requireWhole(
  backend: Pick<Backend, 'conversations' | 'timeline' | 'inbox' | 'marks' | 'mentions'>,
  id: ConversationId,
  textLength: number,
): Promise<number> {
  const stored = await backend.conversations.read(id)
  const seq = stored?.rows.find((row) => row.row === 'head')?.value.seq ?? 0
  const events = await backend.timeline.read(id, { after: 0, upTo: seq + 100, limit: seq + 100 })
  assert.deepEqual(
    events.map((event) => event.seq),
    Array.from({ length: seq }, (_, index) => index + 1),
  )
  for (const event of events) {
    const body = { version: event.seq, text: textOf(event.seq, textLength) }
    assert.deepEqual(event.content, { kind: 'message_sent', body })
  }
  if (seq === 0) return 0
  const [marks] = await backend.marks.readOwn(ALICE, [id])
  assert.deepEqual(marks?.read, { seq, ordinal: seq })
  assert.equal(await backend.mentions.count(BOB, id, 0, seq + 100), seq)
  const inbox = await backend.inbox.list(ALICE, { limit: 1_000 })
  assert.equal(inbox.find(({ conversationId }) => conversationId === id)?.joinedSeq, seq)
  assert.equal(stored?.position.record, seq)
  const outbox = stored.rows.find((row) => row.row === 'outbox')
  assert.equal(outbox?.row === 'outbox' && outbox.value.highestCounter, seq)
  return seq
}

function textOf(seq: number, length: number): string {
  return `${seq} `.padEnd(length, String(seq % 10))
}
