import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { newConversationId, type ConversationId } from '@satchel/protocol'
import type { SocketClient } from './socket-client.ts'
import { openTestServer, userIdOf, type TestServer } from './test-server.ts'

const unlimited = { environment: { SATCHEL_LIMITS: 'off' } }
const bob = userIdOf('bob')

/** A new session of this user that says how far it has got. */
async function resume(
  server: TestServer,
  user: string,
  heads: readonly { readonly conversationId: ConversationId; readonly seq: number }[],
): Promise<SocketClient> {
  const client = await server.connect()
  await client.hello(await server.tokenOf(user), { heads })
  return client
}

async function sayMany(client: SocketClient, group: ConversationId, count: number): Promise<void> {
  for (let said = 0; said < count; said += 15) {
    const batch = Math.min(15, count - said)
    await Promise.all(Array.from({ length: batch }, () => client.say(group, 'and')))
  }
}

test('who slept through 300 events gets them in order, once, then caught_up, then live ones', async (context) => {
  const server = await openTestServer(context, unlimited)
  const alice = await server.signIn('alice')
  const group = await alice.group(bob)
  await sayMany(alice, group, 300)
  const client = await resume(server, 'bob', [{ conversationId: group, seq: 1 }])
  const during = alice.say(group, 'while you were catching up')
  await client.until('caught_up')
  await during
  await client.until('event', ({ event }) => event.seq === 302)
  assert.deepEqual(
    client.seqs(group),
    Array.from({ length: 301 }, (_, index) => index + 2),
  )
  const replayed = client.of('replayed')[0]
  assert.ok(replayed !== undefined && replayed.seq >= 301)
  const order = client.pushed.map(({ type }) => type)
  assert.ok(order.indexOf('replayed') < order.indexOf('caught_up'))
})

test('3,000 events behind is a gap too large, for that conversation alone', async (context) => {
  const server = await openTestServer(context, unlimited)
  const alice = await server.signIn('alice')
  const [busy, quiet] = [await alice.group(bob), await alice.group(bob)]
  await sayMany(alice, busy, 3_000)
  await sayMany(alice, quiet, 3)
  const client = await resume(server, 'bob', [
    { conversationId: busy, seq: 1 },
    { conversationId: quiet, seq: 1 },
  ])
  await client.until('caught_up')
  assert.deepEqual(client.seqs(quiet), [2, 3, 4])
  assert.deepEqual(client.seqs(busy), [])
  assert.equal(client.of('gap_too_large')[0]?.head.seq, 3_001)
  await alice.say(busy, 'news')
  await client.until('event', ({ event }) => event.seq === 3_002)
})

test('what was missed comes newest conversation first', async (context) => {
  const server = await openTestServer(context, unlimited)
  const alice = await server.signIn('alice')
  const groups: ConversationId[] = []
  for (let index = 0; index < 5; index++) groups.push(await alice.group(bob))
  for (const group of groups) {
    await alice.say(group, 'hello')
    await nextMillisecond()
  }
  const heads = groups.map((conversationId) => ({ conversationId, seq: 1 }))
  const client = await resume(server, 'bob', heads)
  await client.until('caught_up')
  assert.deepEqual(
    client.of('replayed').map(({ conversationId }) => conversationId),
    groups.toReversed(),
  )
})

test('changes of a message that is caught up on itself travel without content', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  const group = await alice.group(bob)
  const { seq: target = 0 } = await alice.say(group, 'frist')
  await alice.command({ conversationId: group }, { kind: 'edit_message', target, text: 'first' })
  const client = await resume(server, 'bob', [{ conversationId: group, seq: 1 }])
  await client.until('caught_up')
  const [message, edit] = client.of('event').map(({ event }) => event.content)
  assert.ok(message?.kind === 'message_sent' && message.body.text === 'first')
  assert.deepEqual(edit, { kind: 'message_edited', target })
})

test('a client that claims more than there is drops its copy', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  const group = await alice.group(bob)
  const client = await resume(server, 'bob', [{ conversationId: group, seq: 900 }])
  assert.equal((await client.until('gap_too_large')).head.seq, 1)
  await alice.say(group, 'hello')
  await client.until('event', ({ event }) => event.seq === 2)
})

test('welcome names what moved, and what the user is no longer in', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  const [moved, same] = [await alice.group(bob), await alice.group(bob)]
  await alice.say(moved, 'hello')
  const gone = newConversationId('group')
  const client = await server.connect()
  const welcome = await client.hello(await server.tokenOf('bob'), {
    heads: [moved, same, gone].map((conversationId) => ({ conversationId, seq: 1 })),
  })
  assert.deepEqual(
    welcome.conversations.map(({ conversationId }) => conversationId),
    [moved],
  )
  assert.deepEqual(welcome.gone, [gone])
  assert.equal(welcome.user.id, 'bob')
})

test('catch_up replays from where the client says, and refuses strangers', async (context) => {
  const server = await openTestServer(context)
  const [alice, client] = [await server.signIn('alice'), await server.signIn('bob')]
  const group = await alice.group(bob)
  for (const text of ['one', 'two', 'three']) await alice.say(group, text)
  await client.until('event', ({ event }) => event.seq === 4)
  client.pushed.length = 0
  await client.request('catch_up', { conversationId: group, seq: 2 })
  assert.deepEqual(client.seqs(group), [3, 4])
  assert.equal(client.of('replayed')[0]?.seq, 4)

  const carol = await server.signIn('carol')
  await assert.rejects(carol.request('catch_up', { conversationId: group, seq: 0 }), {
    code: 'not_a_member',
  })
  await alice.say(group, 'for members')
  await client.until('event', ({ event }) => event.seq === 5)
  assert.deepEqual(carol.of('event'), [])
})

test('a newcomer gets what comes from then on; who was removed learns it and nothing after', async (context) => {
  const server = await openTestServer(context)
  const [alice, client] = [await server.signIn('alice'), await server.signIn('bob')]
  const group = await alice.group()
  await alice.say(group, 'before bob')
  const conversationId = group
  await alice.command({ conversationId }, { kind: 'add_members', userIds: [bob] })
  await alice.say(group, 'with bob')
  await client.until('event', ({ event }) => event.seq === 4)
  assert.deepEqual(client.seqs(group), [3, 4])

  await alice.command({ conversationId }, { kind: 'remove_member', userId: bob })
  await alice.say(group, 'without bob')
  const removed = await client.until('event', ({ event }) => event.seq === 5)
  assert.equal(removed.event.content.kind, 'member_removed')
  // The next thing bob may see proves that nothing was on its way.
  const other = await alice.group(bob)
  await client.until('event', (frame) => frame.conversationId === other)
  assert.deepEqual(client.seqs(group), [3, 4, 5])

  await alice.command({ conversationId }, { kind: 'add_members', userIds: [bob] })
  await client.until('event', ({ event }) => event.seq === 7)
  assert.deepEqual(client.seqs(group), [3, 4, 5, 7])
})

test('requests behind hello need not wait for welcome', async (context) => {
  const server = await openTestServer(context)
  const client = await server.connect()
  const hello = client.hello(await server.tokenOf('alice'))
  const group = client.group(bob)
  assert.equal((await hello).user.id, 'alice')
  await group
  assert.equal((await client.request('inbox', {})).conversations.length, 1)
})

test('every device of a user gets everything, each once', async (context) => {
  const server = await openTestServer(context)
  const devices = await Promise.all(Array.from({ length: 5 }, () => server.signIn('alice')))
  const group = await devices[0]!.group(bob)
  await Promise.all(devices.map((device, index) => device.say(group, `from ${index}`)))
  for (const device of devices) {
    await device.until('event', ({ event }) => event.seq === 6)
    assert.deepEqual(device.seqs(group), [1, 2, 3, 4, 5, 6])
  }
})

/** What is said after it has a later time. */
async function nextMillisecond(): Promise<void> {
  const { now } = Date
  for (const before = now(); now() === before;) await setImmediate()
}
