import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVERYBODY, type CommandContent } from '../../src/domain/index.ts'
import {
  attachmentIdOf,
  attachmentOf,
  channelOf,
  directOf,
  fillTo,
  groupOf,
  usersOf,
} from './conversation-run.ts'

test('a message keeps every field it was sent with', () => {
  const run = groupOf('ann', 'bob')
  const replyTo = run.say('bob', 'where?')
  const { events } = run.ask('ann', {
    kind: 'send_message',
    text: 'here',
    attachments: [attachmentOf(1, { alt: 'a tree' })],
    replyTo,
    mentions: usersOf('bob', 'mallory'),
    mentionAll: true,
    silent: true,
    data: { order: 7 },
  })
  assert.deepEqual(events[0]?.content, {
    kind: 'message_sent',
    body: {
      version: 3,
      text: 'here',
      mentions: ['bob', 'mallory'],
      mentionAll: true,
      data: { order: 7 },
    },
    attachments: [attachmentOf(1, { alt: 'a tree' })],
    replyTo,
    silent: true,
  })
})

test('mentioning a person whose id is a word for everybody mentions just them', () => {
  const run = groupOf('ann', 'all', 'bob')
  const content = { kind: 'send_message', text: 'hi', mentions: usersOf('all') } as const
  assert.deepEqual(run.ask('ann', content).mentioned, ['all'])
})

test('mentions count for members other than the author, each once', () => {
  const run = groupOf('ann', 'bob', 'cy')
  const content = { kind: 'send_message', text: 'hi', mentionAll: true } as const
  const mentions = usersOf('bob', 'ann', 'bob', 'mallory')
  assert.deepEqual(run.ask('ann', { ...content, mentions }).mentioned, [EVERYBODY, 'bob'])
  assert.deepEqual(run.ask('ann', { kind: 'send_message', text: 'hi' }).mentioned, [])
})

test('a message needs text, an attachment or data', () => {
  const run = groupOf('ann')
  assert.equal(run.refusal('ann', { kind: 'send_message' }), 'bad_request')
  assert.equal(run.refusal('ann', { kind: 'send_message', text: '' }), 'bad_request')
  assert.equal(run.refusal('ann', { kind: 'send_message', data: { a: 1 } }), undefined)
  const attachments = [attachmentOf(1)]
  assert.equal(run.refusal('ann', { kind: 'send_message', attachments }), undefined)
})

test('the same attachment twice in one message is refused', () => {
  const run = groupOf('ann')
  const attachments = [attachmentOf(1), attachmentOf(1)]
  assert.equal(run.refusal('ann', { kind: 'send_message', attachments }), 'bad_request')
})

test('only a message can be replied to, edited, deleted, reacted to or pinned', () => {
  const run = groupOf('ann')
  for (const target of [1, 99]) {
    const attempts: CommandContent[] = [
      { kind: 'send_message', text: 'hi', replyTo: target },
      { kind: 'edit_message', target, text: 'hi' },
      { kind: 'delete_message', target },
      { kind: 'react', target, emoji: '👍' },
      { kind: 'pin_message', target },
    ]
    for (const content of attempts) assert.equal(run.refusal('ann', content), 'no_such_message')
  }
})

test('an edit carries the whole new body, whose version is the edit’s seq', () => {
  const run = groupOf('ann', 'bob')
  const target = run.say('ann', 'helo')
  const { events } = run.ask('ann', { kind: 'edit_message', target, text: 'hello' })
  assert.deepEqual(events[0]?.content, {
    kind: 'message_edited',
    target,
    body: { version: 3, text: 'hello' },
  })
  assert.equal(run.head.ordinal, 1)
  assert.equal(run.refusal('bob', { kind: 'edit_message', target, text: 'no' }), 'not_allowed')
})

test('an edit may take all text away only where attachments remain', () => {
  const run = groupOf('ann')
  const plain = run.say('ann', 'words')
  run.ask('ann', { kind: 'send_message', text: 'look', attachments: [attachmentOf(1)] })
  assert.equal(run.refusal('ann', { kind: 'edit_message', target: plain }), 'bad_request')
  assert.equal(run.refusal('ann', { kind: 'edit_message', target: 3 }), undefined)
})

test('editing a message that was deleted takes a number', () => {
  const run = groupOf('ann')
  const target = run.say('ann', 'oops')
  run.ask('ann', { kind: 'delete_message', target })
  const { answer } = run.ask('ann', { kind: 'edit_message', target, text: 'oh' })
  assert.deepEqual(answer, { kind: 'applied', seq: 4, timeMs: 1_000 })
})

test('deleting a message releases its attachments and takes its pin away', () => {
  const run = groupOf('ann', 'bob')
  run.ask('bob', { kind: 'send_message', attachments: [attachmentOf(1), attachmentOf(2)] })
  run.ask('ann', { kind: 'pin_message', target: 2 })
  const { events, jobs } = run.ask('ann', { kind: 'delete_message', target: 2 })
  assert.deepEqual(events[0]?.content, { kind: 'message_deleted', target: 2 })
  assert.deepEqual(
    jobs,
    [1, 2].map((number) => ({
      kind: 'detach',
      attachmentId: attachmentIdOf(number),
      conversationId: run.id,
      seq: 2,
    })),
  )
  assert.deepEqual(run.state?.pins, [])
})

test('an admin deletes anybody’s message, a member only their own', () => {
  const run = groupOf('ann', 'bob', 'cy')
  const target = run.say('bob', 'hi')
  assert.equal(run.refusal('cy', { kind: 'delete_message', target }), 'not_allowed')
  assert.equal(run.refusal('bob', { kind: 'delete_message', target }), undefined)
  const [cy] = usersOf('cy')
  assert.ok(cy)
  run.ask('ann', { kind: 'set_role', userId: cy, role: 'admin' })
  assert.equal(run.refusal('cy', { kind: 'delete_message', target }), undefined)
})

test('in a direct conversation nobody deletes what the other wrote, and both may pin it', () => {
  const run = directOf('ann', 'bob')
  assert.equal(run.refusal('bob', { kind: 'delete_message', target: 2 }), 'not_allowed')
  assert.equal(run.refusal('bob', { kind: 'pin_message', target: 2 }), undefined)
})

test('up to 256 members a reaction is an event; above, and in channels, it takes no number', () => {
  const run = groupOf('ann')
  const target = run.say('ann', 'vote')
  const like = { kind: 'react', target, emoji: '👍' } as const
  const reaction = { target, emoji: '👍', userId: 'ann', removed: false }
  fillTo(run, 'ann', 256)
  const small = run.ask('ann', like)
  assert.deepEqual(small.reactions, [reaction])
  assert.equal(small.events[0]?.content.kind, 'reaction_changed')
  fillTo(run, 'ann', 257)
  const large = run.ask('ann', { ...like, removed: true })
  assert.deepEqual([large.reactions, large.events], [[{ ...reaction, removed: true }], []])
  assert.deepEqual(large.answer, { kind: 'applied', timeMs: 1_000 })
  const channel = channelOf('ann')
  channel.say('ann', 'news')
  assert.deepEqual(channel.ask('ann', like).events, [])
})

test('pinning what is pinned and unpinning what is not succeed without a number', () => {
  const run = groupOf('ann')
  const target = run.say('ann', 'rules')
  const done = { kind: 'applied', timeMs: 1_000 }
  assert.deepEqual(run.ask('ann', { kind: 'unpin_message', target }).answer, done)
  run.ask('ann', { kind: 'pin_message', target })
  assert.deepEqual(run.ask('ann', { kind: 'pin_message', target }).answer, done)
  assert.deepEqual(run.state?.pins, [target])
})
