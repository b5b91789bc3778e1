import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EVERYBODY, stateFrom } from '../../src/domain/index.ts'
import type { ConversationRow } from '../../src/domain/index.ts'
import { commitOf } from '../../src/owner/commit-of.ts'
import type { PositionedDecision } from '../../src/owner/commit-of.ts'
import type { ConversationCommit } from '../../src/ports/conversation-store.ts'
import { arbitraryStory } from '../domain/arbitrary-commands.ts'
import type { Story } from '../domain/arbitrary-commands.ts'
import {
  attachmentIdOf,
  attachmentOf,
  channelOf,
  ConversationRun,
  directOf,
  groupOf,
  usersOf,
} from '../domain/conversation-run.ts'

const RUNS = { numRuns: 300, includeErrorInReport: true }

test('however decisions are gathered into commits, the store ends up with the same', () => {
  fc.assert(
    fc.property(arbitraryStory(), fc.array(fc.integer({ min: 1, max: 9 })), (story, sizes) => {
      const run = play(story)
      const decided = positioned(run)
      const singly = new StoreModel()
      for (const one of decided) singly.commit(commitOf(run.id, [one]))
      const gathered = new StoreModel()
      for (let start = 0; start < decided.length;) {
        const size = sizes.shift() ?? 4
        gathered.commit(commitOf(run.id, decided.slice(start, start + size)))
        start += size
      }
      assert.deepEqual(gathered, singly)
      assert.deepEqual(stateFrom(run.id, [...gathered.rows.values()]), run.state)
    }),
    RUNS,
  )
})

test('the inbox has a line for each member, and nobody else’s', () => {
  fc.assert(
    fc.property(arbitraryStory(), (story) => {
      const run = play(story)
      const store = new StoreModel()
      store.commit(commitOf(run.id, positioned(run)))
      const members = [...run.members].map(
        ([userId, { joinedSeq }]) => [userId, joinedSeq] as const,
      )
      assert.deepEqual(store.inbox, new Map(members))
    }),
    RUNS,
  )
})

test('a commit writes each row, part, inbox line and mark once, and stands at its last position', () => {
  fc.assert(
    fc.property(arbitraryStory(), (story) => {
      const run = play(story)
      const decided = positioned(run)
      const commit = commitOf(run.id, decided)
      assert.deepEqual(commit.position, decided.at(-1)?.position)
      assert.deepEqual(commit.events, run.events)
      for (const keys of [
        commit.rows.map(rowKeyOf),
        commit.parts.map(partKeyOf),
        commit.inbox.map(({ userId }) => userId),
        commit.marks.map(({ userId }) => userId),
      ])
        assert.equal(new Set(keys).size, keys.length)
    }),
    RUNS,
  )
})

test('who opens a direct conversation has read their own message, the other nothing', () => {
  const { marks } = commitOfAll(directOf('ann', 'bob'))
  assert.deepEqual(marks, [
    { userId: 'ann', mark: { seq: 2, ordinal: 1 } },
    { userId: 'bob', mark: { seq: 1, ordinal: 0 } },
  ])
})

test('a newcomer has read what was said before they joined', () => {
  const run = groupOf('ann')
  run.say('ann', 'one')
  run.say('ann', 'two')
  run.ask('ann', { kind: 'add_members', userIds: usersOf('bob') })
  assert.deepEqual(
    commitOfAll(run).marks.find(({ userId }) => userId === 'bob'),
    { userId: 'bob', mark: { seq: 4, ordinal: 2 } },
  )
})

test('a new role or a new setting is no new line in the inbox', () => {
  const run = groupOf('ann', 'bob')
  const before = run.decisions.length
  const [bob] = usersOf('bob')
  assert.ok(bob)
  run.ask('ann', { kind: 'set_role', userId: bob, role: 'admin' })
  run.ask('bob', { kind: 'set_member_settings', mutedUntilMs: 1 })
  const { inbox, rows } = commitOf(run.id, positioned(run).slice(before))
  assert.deepEqual(inbox, [])
  assert.equal(rows.filter(({ row }) => row === 'member').length, 1)
})

test('an edit changes the body of its target, and after a deletion nothing does', () => {
  const run = groupOf('ann')
  const target = run.say('ann', 'helo')
  run.ask('ann', { kind: 'edit_message', target, text: 'hello' })
  const body = { version: 3, text: 'hello' }
  assert.deepEqual(commitOfAll(run).parts, [{ part: 'body', target, value: body }])
  run.ask('ann', { kind: 'delete_message', target })
  run.ask('ann', { kind: 'edit_message', target, text: 'back' })
  const gone = { version: 4, deleted: true }
  assert.deepEqual(commitOfAll(run).parts, [{ part: 'body', target, value: gone }])
})

test('of an attachment’s results the newest version holds, in whatever order they come', () => {
  const run = channelOf('ann')
  run.ask('ann', { kind: 'send_message', attachments: [attachmentOf(1), attachmentOf(2)] })
  for (const version of [3, 2])
    run.ask('worker', {
      kind: 'attachment_result',
      target: 2,
      attachment: attachmentOf(1, { version }),
    })
  assert.deepEqual(commitOfAll(run).parts, [
    { part: 'attachment', target: 2, value: attachmentOf(1, { version: 3 }) },
  ])
})

test('mentions, reactions and jobs go along with where they came about', () => {
  const run = groupOf('ann', 'bob')
  run.ask('ann', {
    kind: 'send_message',
    text: 'look',
    attachments: [attachmentOf(1)],
    mentions: usersOf('bob'),
    mentionAll: true,
  })
  run.ask('bob', { kind: 'react', target: 2, emoji: '👍' })
  const { mentions, reactions, jobs } = commitOfAll(run)
  assert.deepEqual(mentions, [
    { userId: EVERYBODY, seq: 2 },
    { userId: 'bob', seq: 2 },
  ])
  assert.deepEqual(reactions, [
    { target: 2, emoji: '👍', userId: 'bob', removed: false, position: positionOf(2) },
  ])
  assert.deepEqual(jobs, [
    { kind: 'attach', attachmentId: attachmentIdOf(1), conversationId: run.id, seq: 2 },
  ])
})

function play({ id, commands }: Story): ConversationRun {
  const run = new ConversationRun(id)
  for (const { command, timeMs } of commands) run.apply(command, timeMs)
  return run
}

function positionOf(index: number) {
  return { generation: 1, record: 5, index }
}

function positioned({ decisions }: ConversationRun): PositionedDecision[] {
  return decisions.map((decision, index) => ({ decision, position: positionOf(index) }))
}

function commitOfAll(run: ConversationRun): ConversationCommit {
  return commitOf(run.id, positioned(run))
}

/** What a store keeps of commits, as its port says. */
class StoreModel {
  readonly rows = new Map<string, ConversationRow>()
  readonly events: ConversationCommit['events'][number][] = []
  readonly inbox = new Map<string, number>()
  readonly marks = new Map<string, number>()
  readonly parts = new Map<string, ConversationCommit['parts'][number]>()
  readonly reactions = new Map<string, boolean>()
  readonly mentions = new Set<string>()
  readonly jobs: ConversationCommit['jobs'][number][] = []

  commit(commit: ConversationCommit): void {
    this.events.push(...commit.events)
    this.jobs.push(...commit.jobs)
    for (const row of commit.rows) {
      if (row.value === undefined) this.rows.delete(rowKeyOf(row))
      else this.rows.set(rowKeyOf(row), row)
    }
    for (const { userId, value } of commit.inbox) {
      if (value === undefined) this.inbox.delete(userId)
      else this.inbox.set(userId, value.joinedSeq)
    }
    for (const { userId, mark } of commit.marks)
      this.marks.set(userId, Math.max(this.marks.get(userId) ?? 0, mark.seq))
    for (const part of commit.parts) this.#take(part)
    for (const { target, emoji, userId, removed } of commit.reactions)
      this.reactions.set(`${target} ${emoji} ${userId}`, removed)
    for (const { userId, seq } of commit.mentions) this.mentions.add(`${userId} ${seq}`)
  }

  #take(part: ConversationCommit['parts'][number]): void {
    const stored = this.parts.get(partKeyOf(part))
    if (stored?.part === 'body' && stored.value.deleted === true) return
    if ((stored?.value.version ?? 0) <= part.value.version) this.parts.set(partKeyOf(part), part)
  }
}

function rowKeyOf(row: ConversationRow): string {
  switch (row.row) {
    case 'member':
      return `member ${row.userId}`
    case 'outbox':
      return `outbox ${row.userId} ${row.outbox}`
    case 'idempotency':
      return `idempotency ${row.bucket}`
    default:
      return row.row
  }
}

function partKeyOf(part: ConversationCommit['parts'][number]): string {
  return part.part === 'body' ? `body ${part.target}` : `attachment ${part.target} ${part.value.id}`
}
