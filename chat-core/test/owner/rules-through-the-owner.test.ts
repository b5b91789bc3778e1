import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Actor, startChatCore } from '../support/chat-core-process.ts'

test('a deleted message stays deleted, though an edit of it takes a number', async (t) => {
  const core = await startChatCore(t)
  const alice = new Actor(core, 'alice')
  const trip = await alice.createGroup()
  await alice.say(trip, 'secret')
  await alice.ask(trip, { kind: 'delete_message', target: 2 })
  const { seq } = await alice.ask(trip, { kind: 'edit_message', target: 2, text: 'back' })
  assert.equal(seq, 4)
  const [message] = await core.backend.timeline.read(trip, { after: 1, upTo: 2, limit: 1 })
  assert.deepEqual(message?.content, { kind: 'message_sent', body: { version: 3, deleted: true } })
})

test('commands sent in one go find what the ones before them made', async (t) => {
  const core = await startChatCore(t)
  const alice = new Actor(core, 'alice')
  const trip = await alice.createGroup()
  const results = await Promise.all([
    alice.say(trip, 'helo'),
    alice.ask(trip, { kind: 'edit_message', target: 2, text: 'hello' }),
    alice.ask(trip, { kind: 'pin_message', target: 2 }),
    alice.ask(trip, { kind: 'send_message', text: 'see above', replyTo: 2 }),
  ])
  assert.deepEqual(
    results.map(({ seq }) => seq),
    [2, 3, 4, 5],
  )
})
