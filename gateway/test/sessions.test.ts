import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import { openTestServer, userIdOf } from './test-server.ts'

test('two people in a group see each other’s messages, in order', async (context) => {
  const { signIn } = await openTestServer(context)
  const alice = await signIn('alice')
  const bob = await signIn('bob', 'json')
  const group = await alice.group(userIdOf('bob'))
  const said = await Promise.all(['one', 'two', 'three'].map((text) => alice.say(group, text)))
  assert.deepEqual(
    said.map(({ seq }) => seq),
    [2, 3, 4],
  )
  await bob.until('event', ({ event }) => event.seq === 4)
  await alice.until('event', ({ event }) => event.seq === 4)
  assert.deepEqual(bob.seqs(group), [1, 2, 3, 4])
  assert.deepEqual(alice.seqs(group), [1, 2, 3, 4])
})

test('only the author’s devices learn which command an event came of', async (context) => {
  const { signIn } = await openTestServer(context)
  const [alice, phone, bob] = [await signIn('alice'), await signIn('alice'), await signIn('bob')]
  const group = await alice.group(userIdOf('bob'))
  await alice.say(group, 'hello')
  const isSecond = ({ event }: { readonly event: { readonly seq: number } }): boolean =>
    event.seq === 2
  const seen = await Promise.all(
    [alice, phone, bob].map((client) => client.until('event', isSecond)),
  )
  assert.deepEqual(
    seen.map(({ event }) => event.commandId?.counter),
    [2, 2, undefined],
  )
})

test('who is online when a channel is made, or is added to it, hears what is said there', async (context) => {
  const { signIn } = await openTestServer(context)
  const [alice, bob, carol] = [await signIn('alice'), await signIn('bob'), await signIn('carol')]
  const channel = newConversationId('channel')
  const created = {
    kind: 'create_conversation',
    conversationKind: 'channel',
    memberIds: [userIdOf('bob')],
  } as const
  await alice.command({ conversationId: channel }, created)
  await alice.say(channel, 'one')
  await bob.until('event', ({ event }) => event.seq === 2)
  await alice.command(
    { conversationId: channel },
    { kind: 'add_members', userIds: [userIdOf('carol')] },
  )
  await alice.say(channel, 'two')
  for (const client of [alice, bob, carol])
    await client.until('event', ({ event }) => event.seq === 4)
  assert.deepEqual(bob.seqs(channel), [1, 2, 3, 4])
})

test('a direct conversation is found by its other person, by both and nobody else', async (context) => {
  const { signIn } = await openTestServer(context)
  const [alice, bob, carol] = [await signIn('alice'), await signIn('bob'), await signIn('carol')]
  const [toAlice, toBob] = [{ to: userIdOf('alice') }, { to: userIdOf('bob') }]
  await assert.rejects(alice.request('conversation', toBob), { code: 'no_such_conversation' })
  const hello = { kind: 'send_message', text: 'hello' } as const
  const { conversationId } = await alice.command(toBob, hello)
  const line = await alice.request('conversation', toBob)
  assert.deepEqual(
    [line.conversationId, line.peerId, line.head.seq, line.unread],
    [conversationId, 'bob', 2, 0],
  )
  const theirs = await bob.request('conversation', toAlice)
  assert.deepEqual(
    [theirs.conversationId, theirs.peerId, theirs.unread],
    [conversationId, 'alice', 1],
  )
  await assert.rejects(carol.request('conversation', toBob), { code: 'no_such_conversation' })
  await assert.rejects(carol.request('conversation', { conversationId }), { code: 'not_a_member' })
  for (const wrong of [{}, toAlice, { ...toBob, conversationId }])
    await assert.rejects(alice.request('conversation', wrong), { code: 'bad_request' })
})
