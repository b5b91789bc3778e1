import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConversationSettings } from '@satchel/protocol'
import {
  attachmentIdOf,
  attachmentOf,
  channelOf,
  commandOf,
  ConversationRun,
  directOf,
  groupOf,
  idOf,
  keyOf,
  SETTINGS,
  userOf,
  usersOf,
} from './conversation-run.ts'
import { decideFault } from '../../src/domain/index.ts'

const create = { kind: 'create_conversation', conversationKind: 'group', title: 'Trip' } as const

test('who creates a group owns it, and whom they name are members from its first event', () => {
  const run = groupOf('ann', 'bob', 'ann', 'bob')
  assert.deepEqual(run.events, [
    {
      seq: 1,
      ordinal: 0,
      timeMs: 1_000,
      authorId: 'ann',
      content: {
        kind: 'conversation_created',
        conversationKind: 'group',
        title: 'Trip',
        memberIds: ['ann', 'bob'],
      },
    },
  ])
  assert.deepEqual(
    [...run.members].map(([userId, { role, joinedSeq }]) => [userId, role, joinedSeq]),
    [
      ['ann', 'owner', 1],
      ['bob', 'member', 1],
    ],
  )
})

test('creating again with a used id gives the creator the first answer and refuses everybody else', () => {
  const run = new ConversationRun(idOf('group'))
  const first = run.ask('ann', create, { timeMs: 5_000 })
  run.say('ann', 'hello')
  const again = run.ask('ann', create, { key: keyOf(7, 1), timeMs: 9_000 })
  assert.deepEqual([again.answer, again.repeated], [first.answer, true])
  assert.equal(run.refusal('bob', create), 'conversation_exists')
  assert.equal(run.head.seq, 2)
})

test('an id made for one kind of conversation creates no other', () => {
  const run = new ConversationRun(idOf('channel'))
  assert.equal(run.refusal('ann', create), 'bad_request')
  assert.equal(run.state, undefined)
})

test('a conversation that nobody created refuses everything and remembers nothing', () => {
  const run = new ConversationRun(idOf('group'))
  const { answer, rows } = run.ask('ann', { kind: 'send_message', text: 'hello' })
  assert.equal(answer.kind === 'rejected' && answer.code, 'no_such_conversation')
  assert.deepEqual(rows, [])
})

test('the first message to somebody makes the direct conversation and is sent in it', () => {
  const run = directOf('ann', 'bob')
  assert.deepEqual(
    run.events.map(({ seq, ordinal, content: { kind } }) => [seq, ordinal, kind]),
    [
      [1, 0, 'conversation_created'],
      [2, 1, 'message_sent'],
    ],
  )
  assert.deepEqual(run.decisions[0]?.answer, { kind: 'applied', seq: 2, timeMs: 1_000 })
  assert.deepEqual(
    [...run.members].map(([userId, { role }]) => [userId, role]),
    [
      ['ann', 'member'],
      ['bob', 'member'],
    ],
  )
})

test('a first message that is refused makes no conversation', () => {
  const run = new ConversationRun(idOf('direct'))
  const to = userOf('bob')
  assert.equal(run.refusal('ann', { kind: 'send_message', text: '' }, { to }), 'bad_request')
  const pin = { kind: 'pin_message', target: 1 } as const
  assert.equal(run.refusal('ann', pin, { to }), 'no_such_conversation')
  assert.equal(run.state, undefined)
})

test('both may write first at the same time: one makes the conversation, the other writes in it', () => {
  const run = directOf('ann', 'bob')
  run.ask('bob', { kind: 'send_message', text: 'hi' }, { to: userOf('ann'), key: keyOf(3, 1) })
  assert.deepEqual(
    run.events.map(({ content }) => content.kind),
    ['conversation_created', 'message_sent', 'message_sent'],
  )
})

test('nobody has a direct conversation with themselves', () => {
  const run = new ConversationRun(idOf('direct'))
  const hello = { kind: 'send_message', text: 'hello' } as const
  assert.equal(run.refusal('ann', hello, { to: userOf('ann') }), 'bad_request')
})

test('who was erased from a direct conversation is in it again once one writes to the other by name', () => {
  const run = directOf('ann', 'bob')
  run.ask('ann', { kind: 'erase_user', userId: userOf('bob') }, { key: { kind: 'none' } })
  assert.deepEqual([...run.members.keys()], ['ann'])
  const { answer, events } = run.ask(
    'bob',
    { kind: 'send_message', text: 'back' },
    { to: userOf('ann') },
  )
  assert.deepEqual(answer, { kind: 'applied', seq: 5, timeMs: 1_000 })
  assert.deepEqual(
    events.map(({ seq, content }) => [seq, content.kind]),
    [
      [4, 'members_added'],
      [5, 'message_sent'],
    ],
  )
  assert.equal(run.members.get('bob')?.joinedSeq, 4)
})

test('an update leaves what it does not name, and its event carries everything', () => {
  const run = groupOf('ann')
  run.ask('ann', { kind: 'update_conversation', settings: { membersCanAdd: true } })
  const { events } = run.ask('ann', {
    kind: 'update_conversation',
    avatar: 'tree.png',
    settings: { membersCanPin: true },
  })
  const details = {
    title: 'Trip',
    avatar: 'tree.png',
    settings: { membersCanAdd: true, membersCanPin: true },
  }
  assert.deepEqual(events[0]?.content, { kind: 'conversation_updated', ...details })
  assert.deepEqual(run.state?.details, details)
  assert.deepEqual(run.ask('ann', { kind: 'update_conversation' }).events, [])
})

test('of a deleted conversation only the head stays, and it refuses everybody', () => {
  const run = groupOf('ann', 'bob')
  const target = run.say('ann', 'hello')
  run.ask('ann', { kind: 'pin_message', target })
  const { answer, jobs } = run.ask('ann', { kind: 'delete_conversation' }, { key: keyOf(5, 1) })
  assert.deepEqual(answer, { kind: 'applied', seq: 4, timeMs: 1_000 })
  assert.deepEqual(jobs, [{ kind: 'delete_conversation', conversationId: run.id }])
  assert.deepEqual([run.members.size, run.state?.pins, run.state?.details], [0, [], {}])
  const { seq, ordinal, deleted, memberCount } = run.head
  assert.deepEqual([seq, ordinal, deleted, memberCount], [4, 1, true, 0])
  const hello = { kind: 'send_message', text: 'hello' } as const
  assert.equal(run.refusal('bob', hello), 'conversation_deleted')
  assert.equal(run.refusal('ann', create), 'conversation_deleted')
  const again = run.ask('ann', { kind: 'delete_conversation' }, { key: keyOf(5, 1) })
  assert.deepEqual([again.answer, again.repeated], [answer, true])
})

test('erasing somebody takes their membership and asks for the rest as the settings say', () => {
  const run = groupOf('ann', 'bob')
  const erase = { kind: 'erase_user', userId: userOf('bob') } as const
  const { events, jobs } = run.ask('operator', erase, { key: { kind: 'none' } })
  assert.deepEqual(
    events.map(({ authorId, content }) => [authorId, content]),
    [['bob', { kind: 'user_erased', userId: 'bob' }]],
  )
  assert.deepEqual(jobs, [
    {
      kind: 'erase_user',
      conversationId: run.id,
      userId: 'bob',
      seq: events[0]?.seq,
      blankMessages: true,
    },
  ])
  assert.deepEqual([...run.members.keys()], ['ann'])
  const settings = { ...SETTINGS, eraseBlanksMessages: false }
  const later = run.ask('operator', erase, { key: { kind: 'none' }, settings })
  assert.deepEqual(
    later.jobs.map((job) => job.kind === 'erase_user' && job.blankMessages),
    [false],
  )
})

test('an erased user’s messages are blanked in their name, though they are no member any more', () => {
  const run = groupOf('ann', 'bob')
  const hello = { kind: 'send_message', text: 'hello' } as const
  const { events: sent } = run.ask('bob', hello)
  const target = sent[0]?.seq ?? 0
  run.ask('ann', { kind: 'pin_message', target })
  run.ask('operator', { kind: 'erase_user', userId: userOf('bob') }, { key: { kind: 'none' } })
  assert.equal(run.refusal('ann', { kind: 'blank_message', target }), 'not_allowed')
  assert.equal(run.refusal('bob', { kind: 'blank_message', target: 99 }), 'no_such_message')
  const { events } = run.ask('bob', { kind: 'blank_message', target }, { key: { kind: 'none' } })
  assert.deepEqual(
    events.map(({ authorId, content }) => [authorId, content]),
    [['bob', { kind: 'message_deleted', target }]],
  )
  assert.deepEqual(run.state?.pins, [])
})

test('when the last owner is erased, the admin of longest standing inherits, or else the member', () => {
  const run = groupOf('ann', 'bob')
  run.ask('ann', { kind: 'add_members', userIds: usersOf('dee', 'cy') })
  run.ask('ann', { kind: 'set_role', userId: userOf('dee'), role: 'admin' })
  const { events } = run.ask('ann', { kind: 'erase_user', userId: userOf('ann') })
  assert.deepEqual(events.at(-1)?.content, { kind: 'role_changed', userId: 'dee', role: 'owner' })
  run.ask('dee', { kind: 'erase_user', userId: userOf('dee') })
  assert.equal(run.members.get('bob')?.role, 'owner')
  assert.equal(run.head.seq, run.events.length)
})

test('a member’s settings are for that member alone: no event, no number', () => {
  const run = groupOf('ann', 'bob')
  const mute = { kind: 'set_member_settings', mutedUntilMs: 9_000 } as const
  const { answer, events, memberSettings } = run.ask('bob', mute)
  assert.deepEqual(answer, { kind: 'applied', timeMs: 1_000 })
  assert.deepEqual([events, memberSettings], [[], { mutedUntilMs: 9_000 }])
  assert.deepEqual(run.state?.members.get(userOf('bob'))?.settings, { mutedUntilMs: 9_000 })
  assert.deepEqual(run.ask('bob', { kind: 'set_member_settings' }).memberSettings, {})
})

test('time never goes back, whatever the log’s clock does', () => {
  const run = groupOf('ann')
  run.ask('ann', { kind: 'send_message', text: 'late' }, { timeMs: 5_000 })
  const { answer, events } = run.ask(
    'ann',
    { kind: 'send_message', text: 'later' },
    { timeMs: 2_000 },
  )
  assert.deepEqual([answer.kind === 'applied' && answer.timeMs, events[0]?.timeMs], [5_000, 5_000])
})

test('a command that made the rules throw is a rejection that is remembered', () => {
  const run = groupOf('ann')
  const command = commandOf(run.id, 'ann', keyOf(4, 1), { kind: 'send_message', text: 'poison' })
  const fault = decideFault(run.state, command, run.contextOf(command, 2_000), 'f-1')
  assert.deepEqual(fault.answer, {
    kind: 'rejected',
    code: 'internal',
    message: 'fault f-1 while deciding the command',
  })
  assert.deepEqual(
    fault.rows.map(({ row }) => row),
    ['outbox'],
  )
  assert.deepEqual(decideFault(undefined, command, run.contextOf(command, 2_000), 'f-2').rows, [])
})

test('attachment results are numbered, in the name of the message’s author', () => {
  const run = channelOf('ann')
  const sent = run.ask('ann', { kind: 'send_message', attachments: [attachmentOf(1)] })
  assert.deepEqual(sent.jobs, [
    { kind: 'attach', attachmentId: attachmentIdOf(1), conversationId: run.id, seq: 2 },
  ])
  const attachment = attachmentOf(1, { version: 3, state: 'ready' })
  const result = { kind: 'attachment_result', target: 2, attachment } as const
  const { events } = run.ask('worker', result, { key: { kind: 'none' } })
  assert.deepEqual(
    events.map(({ seq, authorId, content }) => [seq, authorId, content]),
    [[3, 'ann', { kind: 'attachment_updated', target: 2, attachment }]],
  )
  const foreign = { ...result, attachment: attachmentOf(2) }
  assert.equal(run.refusal('worker', foreign), 'no_such_attachment')
  assert.equal(run.refusal('worker', { ...result, target: 1 }), 'no_such_message')
})

test('a conversation opens its history to newcomers as the server’s settings say, unless it says otherwise', () => {
  const open = { ...SETTINGS, historyForNewcomers: true }
  const group = { kind: 'create_conversation', conversationKind: 'group' } as const
  const settingOf = (wanted: ConversationSettings | undefined, settings = open) => {
    const run = new ConversationRun(idOf('group'))
    run.ask('ann', { ...group, settings: wanted }, { settings })
    return run.state?.details.settings?.historyForNewcomers
  }
  assert.equal(settingOf(undefined), true)
  assert.equal(settingOf({ membersCanPin: true }), true)
  assert.equal(settingOf({ historyForNewcomers: false }), false)
  assert.equal(settingOf(undefined, SETTINGS), undefined)
})
