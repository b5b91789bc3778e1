import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '@satchel/protocol'
import type { ConversationState } from '../../src/domain/index.ts'
import { channelOf, fillTo, groupOf, keyOf, outboxOf, userOf } from './conversation-run.ts'
import type { ConversationRun } from './conversation-run.ts'

const hello = { kind: 'send_message', text: 'hello' } as const

test('of a user’s outboxes the 32 last used are remembered, and using one again keeps it', () => {
  const run = groupOf('ann', 'bob')
  for (let outbox = 1; outbox <= LIMITS.outboxesPerUser; outbox++)
    run.ask('bob', hello, { key: keyOf(outbox, 1), timeMs: 2_000 + outbox })
  run.ask('bob', hello, { key: keyOf(1, 2), timeMs: 3_000 })
  run.ask('bob', hello, { key: keyOf(99, 1), timeMs: 3_001 })
  const outboxes = requireState(run).outboxes.get(userOf('bob'))
  assert.equal(outboxes?.size, LIMITS.outboxesPerUser)
  assert.equal(outboxes.has(outboxOf(1)), true)
  assert.equal(outboxes.has(outboxOf(2)), false, 'the longest idle one')
})

test('a repeated command does not keep its outbox from being the longest idle one', () => {
  const run = groupOf('ann', 'bob')
  for (let outbox = 1; outbox <= LIMITS.outboxesPerUser; outbox++)
    run.ask('bob', hello, { key: keyOf(outbox, 1), timeMs: 2_000 + outbox })
  assert.equal(run.ask('bob', hello, { key: keyOf(1, 1), timeMs: 9_000 }).repeated, true)
  run.ask('bob', hello, { key: keyOf(99, 1), timeMs: 9_001 })
  assert.equal(requireState(run).outboxes.get(userOf('bob'))?.has(outboxOf(1)), false)
})

test('of outboxes idle equally long the smallest id makes room, wherever the state was loaded from', () => {
  const run = groupOf('ann', 'bob')
  const order = [7, 3, 9, ...Array.from({ length: 29 }, (_, index) => index + 20)]
  for (const outbox of order) run.ask('bob', hello, { key: keyOf(outbox, 1), timeMs: 2_000 })
  const slot = requireState(run).outboxes.get(userOf('bob'))?.get(outboxOf(3))?.slot
  const { rows } = run.ask('bob', hello, { key: keyOf(99, 1), timeMs: 2_000 })
  const written = rows.filter((row) => row.row === 'outbox')
  assert.deepEqual(
    written.map(({ outbox, value }) => [outbox, value.slot]),
    [[outboxOf(99), slot]],
  )
  assert.equal(requireState(run).outboxes.get(userOf('bob'))?.has(outboxOf(3)), false)
})

test('however many outboxes a user makes up, no more rows are written than may be remembered', () => {
  const run = groupOf('ann', 'bob')
  const slots = new Set<number>()
  for (let outbox = 1; outbox <= 10 * LIMITS.outboxesPerUser; outbox++) {
    const { rows } = run.ask('bob', hello, { key: keyOf(outbox, 1), timeMs: 2_000 + outbox })
    for (const row of rows) if (row.row === 'outbox') slots.add(row.value.slot)
  }
  assert.equal(slots.size, LIMITS.outboxesPerUser)
})

test('a conversation remembers at most 4,096 outboxes, however many members send from however many', () => {
  const run = groupOf('ann')
  fillTo(run, 'ann', 180)
  const names = [...run.members.keys()]
  let timeMs = 2_000
  for (let outbox = 1; outbox <= 30; outbox++) {
    for (const name of names) run.ask(name, hello, { key: keyOf(outbox, 1), timeMs: timeMs++ })
  }
  const state = requireState(run)
  assert.equal(countOutboxes(state), LIMITS.outboxesPerConversation)
  assert.equal(state.outboxSlots.length, LIMITS.outboxesPerConversation)
  const last = run.ask(names.at(-1) ?? '', hello, { key: keyOf(30, 1) })
  assert.equal(last.repeated, true)
})

test('a channel’s followers never push out what is remembered of those who write in it', () => {
  const run = channelOf('ann')
  const key = keyOf(77, 1)
  const target = 2
  const { answer } = run.ask('ann', hello, { key })
  for (let reader = 0; reader < LIMITS.outboxesPerConversation + 100; reader++) {
    const timeMs = 2_000 + reader
    run.ask(
      `reader-${reader}`,
      { kind: 'react', target, emoji: '👍', byFollower: true },
      { key: keyOf(1, 1), timeMs },
    )
  }
  assert.equal(countOutboxes(requireState(run)), LIMITS.outboxesPerConversation)
  assert.deepEqual(run.ask('ann', hello, { key }).answer, answer)
})

test('what the gateway holds against a command does not count once it was answered', () => {
  const run = groupOf('ann', 'bob')
  const like = { kind: 'react', target: run.say('ann', 'hi'), emoji: '👍' } as const
  const refusal = { code: 'too_many_reactions', message: 'twenty kinds' } as const
  const key = keyOf(7, 1)
  const { answer } = run.ask('bob', like, { key })
  const again = run.ask('bob', like, { key, refusal })
  assert.deepEqual([again.answer, again.repeated], [answer, true])
  const late = run.ask('bob', like, { key: keyOf(7, 2), refusal })
  assert.deepEqual([late.answer, late.events], [{ kind: 'rejected', ...refusal }, []])
  // A refusal, too, is the answer from then on.
  assert.deepEqual(run.ask('bob', like, { key: keyOf(7, 2) }).answer, late.answer)
})

test('strangers leave no trace, whatever they try', () => {
  const run = groupOf('ann')
  for (let attempt = 0; attempt < 50; attempt++) {
    const { rows, answer } = run.ask('mallory', hello, { key: keyOf(attempt, 1) })
    assert.deepEqual([rows, answer.kind], [[], 'rejected'])
  }
})

test('an outbox keeps its latest 16 answers', () => {
  const run = groupOf('ann', 'bob')
  for (let counter = 1; counter <= 100; counter++) run.ask('bob', hello, { key: keyOf(1, counter) })
  const row = requireState(run).outboxes.get(userOf('bob'))?.get(outboxOf(1))
  assert.deepEqual(
    row?.answers.map(({ counter }) => counter),
    Array.from({ length: LIMITS.answersPerOutbox }, (_, index) => 85 + index),
  )
})

test('thousands of idempotency keys stay within 64 buckets of 16, the latest of each', () => {
  const run = groupOf('ann', 'bob')
  const hashes = Array.from({ length: 5_000 }, (_, index) => String(index).padStart(11, 'x'))
  for (const hash of hashes) run.ask('bob', hello, { key: { kind: 'idempotency', hash } })
  const buckets = [...requireState(run).idempotency]
  assert.ok(buckets.every(([bucket]) => bucket >= 0 && bucket < 64))
  assert.deepEqual(
    buckets.map(([, { answers }]) => answers.length),
    Array<number>(64).fill(16),
  )
  const again = run.ask('bob', hello, { key: { kind: 'idempotency', hash: hashes.at(-1) ?? '' } })
  assert.equal(again.repeated, true)
})

test('the same idempotency key of two people is two keys', () => {
  const run = groupOf('ann', 'bob')
  const key = { kind: 'idempotency', hash: 'AAAAAAAAAAA' } as const
  assert.equal(run.ask('ann', hello, { key }).answer.kind, 'applied')
  const other = run.ask('bob', { kind: 'send_message', text: 'mine' }, { key })
  assert.deepEqual([other.answer.kind, other.repeated], ['applied', false])
})

test('a group has at most 10,000 members', () => {
  const run = groupOf('ann')
  fillTo(run, 'ann', LIMITS.membersPerGroup - 1)
  const two = [userOf('x'), userOf('y')]
  assert.equal(run.refusal('ann', { kind: 'add_members', userIds: two }), 'too_many_members')
  assert.equal(run.refusal('ann', { kind: 'add_members', userIds: two.slice(1) }), undefined)
  assert.equal(run.head.memberCount, LIMITS.membersPerGroup)
})

test('a conversation has at most 50 pins, and unpinning makes room', () => {
  const run = groupOf('ann')
  const seqs = Array.from({ length: LIMITS.pinsPerConversation + 1 }, () => run.say('ann', 'hi'))
  const codes = seqs.map((target) => run.refusal('ann', { kind: 'pin_message', target }))
  assert.deepEqual(codes.slice(0, -1), Array(LIMITS.pinsPerConversation).fill(undefined))
  assert.equal(codes.at(-1), 'too_many_pins')
  const [first = 0] = seqs
  run.ask('ann', { kind: 'unpin_message', target: first })
  assert.equal(run.refusal('ann', { kind: 'pin_message', target: seqs.at(-1) ?? 0 }), undefined)
})

function countOutboxes({ outboxes }: ConversationState): number {
  return [...outboxes.values()].reduce((count, { size }) => count + size, 0)
}

function requireState({ state }: ConversationRun): ConversationState {
  assert.ok(state)
  return state
}
