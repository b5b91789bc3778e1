import assert from 'node:assert/strict'
import { test } from 'node:test'
import { channelOf, fillTo, groupOf, userOf, usersOf } from './conversation-run.ts'
import type { ConversationRun } from './conversation-run.ts'

test('only those who are not members yet are added, and nobody new means no event', () => {
  const run = groupOf('ann', 'bob')
  const { events } = run.ask('ann', { kind: 'add_members', userIds: usersOf('bob', 'cy', 'cy') })
  assert.deepEqual(events[0]?.content, { kind: 'members_added', userIds: ['cy'] })
  assert.deepEqual([run.head.memberCount, run.head.membershipSeq], [3, 2])
  const again = run.ask('ann', { kind: 'add_members', userIds: usersOf('bob', 'cy') })
  assert.deepEqual(again.answer, { kind: 'applied', timeMs: 1_000 })
})

test('members add members and pin messages where the settings say so', () => {
  const run = groupOf('ann', 'bob')
  const target = run.say('ann', 'rules')
  const attempt = () => [
    run.refusal('bob', { kind: 'add_members', userIds: usersOf('cy') }),
    run.refusal('bob', { kind: 'pin_message', target }),
  ]
  assert.deepEqual(attempt(), ['not_allowed', 'not_allowed'])
  const settings = { membersCanAdd: true, membersCanPin: true }
  run.ask('ann', { kind: 'update_conversation', settings })
  assert.deepEqual(attempt(), [undefined, undefined])
})

test('an admin removes members, but neither admins nor owners', () => {
  const run = groupOf('ann', 'bob', 'cy', 'dee')
  for (const name of ['bob', 'cy'])
    run.ask('ann', { kind: 'set_role', userId: userOf(name), role: 'admin' })
  const remove = (name: string) =>
    run.refusal('bob', { kind: 'remove_member', userId: userOf(name) })
  assert.deepEqual(['ann', 'cy', 'dee'].map(remove), ['not_allowed', 'not_allowed', undefined])
  assert.deepEqual([...run.members.keys()], ['ann', 'bob', 'cy'])
})

test('removing oneself is leaving', () => {
  const run = groupOf('ann', 'bob')
  const { events } = run.ask('bob', { kind: 'remove_member', userId: userOf('bob') })
  assert.deepEqual([events[0]?.authorId, events[0]?.content.kind], ['bob', 'member_left'])
})

test('who left is a stranger, yet gets the answer to leaving again', () => {
  const run = groupOf('ann', 'bob')
  const leave = { kind: 'leave_conversation' } as const
  const key = { kind: 'idempotency', hash: 'AAAAAAAAAAA' } as const
  const { answer } = run.ask('bob', leave, { key })
  assert.deepEqual(run.ask('bob', leave, { key }).answer, answer)
  assert.equal(run.refusal('bob', { kind: 'send_message', text: 'bye' }), 'not_a_member')
})

test('the last owner neither leaves nor steps down before somebody else owns the group', () => {
  const run = groupOf('ann', 'bob')
  const stepDown = { kind: 'set_role', userId: userOf('ann'), role: 'member' } as const
  assert.equal(run.refusal('ann', { kind: 'leave_conversation' }), 'last_owner')
  assert.equal(run.refusal('ann', stepDown), 'last_owner')
  run.ask('ann', { kind: 'set_role', userId: userOf('bob'), role: 'owner' })
  assert.equal(run.refusal('ann', stepDown), undefined)
  assert.equal(run.refusal('ann', { kind: 'leave_conversation' }), undefined)
  assert.equal(run.refusal('bob', stepDown), 'not_a_member')
})

test('the very last member may leave, but not stay without owning', () => {
  const run = groupOf('ann')
  const stepDown = { kind: 'set_role', userId: userOf('ann'), role: 'member' } as const
  assert.equal(run.refusal('ann', stepDown), 'last_owner')
  assert.equal(run.refusal('ann', { kind: 'leave_conversation' }), undefined)
  assert.equal(run.head.memberCount, 0)
})

test('who comes back starts as a newcomer: plain member, joined now, without old settings', () => {
  const run = groupOf('ann', 'bob')
  run.ask('ann', { kind: 'set_role', userId: userOf('bob'), role: 'admin' })
  run.ask('bob', { kind: 'set_member_settings', mutedUntilMs: 9_000 })
  run.ask('bob', { kind: 'leave_conversation' })
  run.ask('ann', { kind: 'add_members', userIds: usersOf('bob') })
  assert.deepEqual(run.members.get('bob'), { role: 'member', joinedSeq: 4, settings: {} })
})

test('a group is large above 256 members and small again only below 200', () => {
  const run = groupOf('ann')
  fillTo(run, 'ann', 256)
  assert.equal(run.head.fanout, 'small')
  fillTo(run, 'ann', 257)
  assert.equal(run.head.fanout, 'large')
  shrinkTo(run, 200)
  assert.equal(run.head.fanout, 'large')
  shrinkTo(run, 199)
  assert.equal(run.head.fanout, 'small')
  fillTo(run, 'ann', 256)
  assert.equal(run.head.fanout, 'small')
})

test('a channel is large from the start', () => {
  assert.equal(channelOf('ann').head.fanout, 'large')
})

function shrinkTo(run: ConversationRun, memberCount: number): void {
  const guests = [...run.members.keys()].filter((name) => name !== 'ann')
  for (const name of guests.slice(memberCount - 1))
    run.ask('ann', { kind: 'remove_member', userId: userOf(name) })
}
