import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newConversationId, newOutboxId, type ErrorCode, type UserId } from '@satchel/protocol'
import type { ConversationRow, HeadRow, OutboxRow } from '../../src/domain/conversation-state.ts'
import type { Backend } from '../../src/backends/backend.ts'
import type { StoredConversation } from '../../src/ports/conversation-store.ts'
import { ConversationHistory, message } from '../support/conversation-history.ts'
import { ALICE, BOB, newPerson } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'conversations' | 'timeline' | 'inbox' | 'marks' | 'mentions'>

const FULL_OUTBOX: OutboxRow = {
  slot: 0,
  highestCounter: 0xff_ffff,
  lastUsedMs: 1_700_000_000_123,
  answers: [
    answered(1, { kind: 'applied', seq: 7, timeMs: 1_700_000_000_001 }),
    answered(2, { kind: 'applied', timeMs: 1_700_000_000_002 }),
    answered(3, { kind: 'rejected', code: rejectedCode(), message: 'not “yours”' }),
  ],
}

/** Every kind of row there is, head left out. */
function someRows(): readonly ConversationRow[] {
  return [
    { row: 'details', value: { title: 'Trip 🚲', data: { tags: ['a', 1, null] } } },
    { row: 'pins', value: [3, 1] },
    { row: 'member', userId: ALICE, value: { role: 'owner', joinedSeq: 1, settings: {} } },
    {
      row: 'member',
      userId: BOB,
      value: { role: 'member', joinedSeq: 2, settings: { mutedUntilMs: 99 } },
    },
    { row: 'outbox', userId: ALICE, outbox: newOutboxId(), value: FULL_OUTBOX },
    {
      row: 'outbox',
      userId: ALICE,
      outbox: newOutboxId(),
      value: { ...FULL_OUTBOX, slot: 4_095, answers: [] },
    },
    {
      row: 'idempotency',
      bucket: 63,
      value: {
        answers: [{ ...answered(1, { kind: 'applied', timeMs: 5 }), hash: 'abc', authorId: BOB }],
      },
    },
  ]
}

export function describeConversationStore(name: string, subject: ContractSubject<Ports>): void {
  describe(`conversation store, ${name}`, () => {
    it('gives back every kind of row as it was committed', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      const rows = someRows()
      const { position } = await history.commit([], { rows })
      const stored = await other.conversations.read(history.id)
      assert.deepEqual(stored?.position, position)
      assert.deepEqual(sorted(stored.rows), sorted([{ row: 'head', value: history.head }, ...rows]))
    })

    it('gives nothing for a conversation that was never committed', async (test) => {
      const { one } = await subject.open(test)
      assert.equal(await one.conversations.read(newConversationId('group')), undefined)
    })

    it('replaces the rows a commit names, removes those without value, keeps the others', async (test) => {
      const { one } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      const [details, pins, ...others] = someRows()
      assert.ok(details !== undefined && pins !== undefined)
      await history.commit([], { rows: [details, pins, ...others] })
      const renamed: ConversationRow = { row: 'details', value: { title: 'Other' } }
      await history.commit([], {
        rows: [renamed, { row: 'member', userId: BOB, value: undefined }],
      })
      const stored = await one.conversations.read(history.id)
      const kept = others.filter((row) => row.row !== 'member' || row.userId !== BOB)
      assert.deepEqual(
        sorted(stored?.rows ?? []),
        sorted([{ row: 'head', value: history.head }, renamed, pins, ...kept]),
      )
    })

    it('keeps the position of a commit that leaves the head as it is', async (test) => {
      const { one } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.send(ALICE, 'hello')
      const before = await one.conversations.read(history.id)
      const position = history.nextPosition()
      const [outbox] = someRows().filter(({ row }) => row === 'outbox')
      assert.ok(outbox !== undefined && before !== undefined)
      const refusal = history.next([], { position })
      await one.conversations.commit({ ...refusal, rows: [outbox] })
      const after = await one.conversations.read(history.id)
      assert.deepEqual(after?.position, position)
      assert.deepEqual(sorted(after.rows), sorted([...before.rows, outbox]))
    })

    it('changes nothing when the same is committed twice, or after a later commit', async (test) => {
      const { one, other } = await subject.open(test)
      const bob = newPerson('bob')
      const history = new ConversationHistory(one.conversations, ALICE)
      const first = await history.commit([{ authorId: ALICE, content: message('one') }], {
        inbox: [{ userId: bob, value: { joinedSeq: 1 } }],
        marks: [{ userId: ALICE, mark: { seq: 1, ordinal: 1 } }],
        reactions: [reaction(history, false)],
        rows: someRows(),
      })
      await history.commit([{ authorId: ALICE, content: message('two') }], {
        inbox: [{ userId: bob, value: undefined }],
        reactions: [reaction(history, true)],
        rows: [{ row: 'details', value: { title: 'Later' } }],
      })
      const before = await everythingOf(other, history, bob)
      await one.conversations.commit(first)
      await other.conversations.commit(first)
      assert.deepEqual(await everythingOf(one, history, bob), before)
      assert.deepEqual(await everythingOf(other, history, bob), before)
    })

    it('commits that a reaction is taken back which is not there', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.send(ALICE, 'hello')
      for (const removed of [true, false, true, true]) {
        const change = { ...reaction(history, removed), position: history.nextPosition() }
        const { position } = await history.commit([], { reactions: [change] })
        assert.deepEqual((await other.conversations.read(history.id))?.position, position)
      }
      const [event] = await other.timeline.read(history.id, { after: 0, upTo: 1, limit: 1 })
      assert.deepEqual(event?.content, {
        kind: 'message_sent',
        body: { version: 1, text: 'hello' },
      })
    })

    it('shows nothing of a commit before it settles, and all of it afterwards', async (test) => {
      const { one, other } = await subject.open(test)
      const carol = newPerson('carol')
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.send(ALICE, 'before')
      const commit = history.next([{ authorId: BOB, content: message('after') }], {
        inbox: [{ userId: carol, value: { joinedSeq: 2 } }],
        mentions: [{ userId: carol, seq: 2 }],
        marks: [{ userId: BOB, mark: { seq: 2, ordinal: 2 } }],
      })
      const committing = one.conversations.commit(commit)
      const early = await other.conversations.read(history.id)
      assert.ok(headOf(early)?.seq === 1 || headOf(early)?.seq === 2)
      assert.equal(early?.position.record, headOf(early)?.seq)
      await committing
      const late = await other.conversations.read(history.id)
      assert.equal(headOf(late)?.seq, 2)
      const range = { after: 0, upTo: 2, limit: 10 }
      assert.equal((await other.timeline.read(history.id, range)).length, 2)
      assert.equal((await other.inbox.list(carol, { limit: 10 })).length, 1)
      assert.equal(await other.mentions.count(carol, history.id, 0, 10), 1)
      const [marks] = await other.marks.readOwn(BOB, [history.id])
      assert.deepEqual(marks?.read, { seq: 2, ordinal: 2 })
    })

    it('takes commits of many conversations at once', async (test) => {
      const { one, other } = await subject.open(test)
      const histories = Array.from(
        { length: 40 },
        () => new ConversationHistory(one.conversations, ALICE),
      )
      await Promise.all(histories.map((history) => history.send(ALICE, 'a', 'b', 'c')))
      for (const { id, head } of histories) {
        assert.deepEqual(headOf(await other.conversations.read(id)), head)
        const events = await other.timeline.read(id, { after: 0, upTo: 9, limit: 9 })
        assert.deepEqual(events.map(textOf), ['a', 'b', 'c'])
      }
    })
  })
}

function answered(counter: number, answer: OutboxRow['answers'][number]['answer']) {
  return { counter, contentHash: 0xffff_fff0 + counter, answer }
}

function rejectedCode(): ErrorCode {
  return 'not_allowed'
}

function reaction(history: ConversationHistory, removed: boolean) {
  const position = { generation: 1, record: history.lastSeq + 1, index: 0 }
  return { target: 1, emoji: '🎉', userId: BOB, removed, position }
}

function headOf(stored: StoredConversation | undefined): HeadRow | undefined {
  return stored?.rows.find((row) => row.row === 'head')?.value
}

async function everythingOf(ports: Ports, { id }: ConversationHistory, member: UserId) {
  return {
    stored: await ports.conversations.read(id),
    events: await ports.timeline.read(id, { after: 0, upTo: 100, limit: 100 }),
    inbox: await ports.inbox.list(member, { limit: 10 }),
    marks: await ports.marks.readAll(id, 10),
  }
}

function sorted(rows: readonly ConversationRow[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row, byKey)).toSorted()
}

/** Objects with their keys in order: rows are compared without regard to it. */
function byKey(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  )
}

function textOf({ content }: { readonly content: { readonly kind: string } }): string | undefined {
  return 'body' in content && hasText(content.body) ? content.body.text : undefined
}

function hasText(body: unknown): body is { readonly text: string } {
  return typeof body === 'object' && body !== null && 'text' in body
}
