import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import { keyFingerprint } from '../src/tokens/server-keys.ts'
import { eventually } from './eventually.ts'
import { callHttp, type HttpAnswer, type HttpOptions } from './http-client.ts'
import { openTestServer, userIdOf, type TestServer } from './test-server.ts'

/** Asks with the server key in somebody's name. */
function as(server: TestServer, user: string) {
  return (method: string, path: string, options: HttpOptions = {}): Promise<HttpAnswer> =>
    callHttp(method, `${server.url}/v1${path}`, { bearer: server.serverKey, user, ...options })
}

test('a backend creates a group, sends, edits, reacts and deletes on behalf of users', async (context) => {
  const server = await openTestServer(context)
  const [alice, bob] = [as(server, 'alice'), as(server, 'bob')]
  const created = await alice('POST', '/conversations', {
    body: { conversationKind: 'group', title: 'Trip', memberIds: ['bob'] },
  })
  assert.equal(created.status, 201)
  const group = `/conversations/${String(created.body['conversationId'])}`
  const bobsSocket = await server.signIn('bob')

  const sent = await alice('POST', `${group}/messages`, { body: { text: 'Look!' } })
  assert.deepEqual([sent.status, sent.body['seq']], [201, 2])
  const pushed = await bobsSocket.until('event', ({ event }) => event.seq === 2)
  assert.equal(pushed.event.authorId, 'alice')

  const steps = [
    await alice('PUT', `${group}/messages/2`, { body: { text: 'Look here!' } }),
    await bob('PUT', `${group}/messages/2/reactions/${encodeURIComponent('🎉')}`),
    await alice('PUT', `${group}/messages/2/pin`),
    await bob('POST', `${group}/marks`, { body: { kind: 'read', seq: 2 } }),
    await alice('PATCH', group, { body: { title: 'Another trip' } }),
    await alice('POST', `${group}/members`, { body: { userIds: ['carol'] } }),
    await alice('PUT', `${group}/members/carol/role`, { body: { role: 'admin' } }),
    await bob('PUT', `${group}/settings`, { body: { mutedUntilMs: 1 } }),
  ]
  assert.deepEqual(
    steps.map(({ status }) => status),
    steps.map(() => 200),
  )
  const { body: page } = await bob('GET', `${group}/events?before=3`)
  const [, message] = page['events'] as {
    content: { body: { text: string }; reactions: unknown }
  }[]
  assert.equal(message?.content.body.text, 'Look here!')
  assert.ok(message.content.reactions)
  const { body: marks } = await bob('GET', `${group}/marks`)
  assert.match(JSON.stringify(marks), /"userId":"bob","read":\{"seq":2/)
  const { body: inbox } = await bob('GET', '/conversations')
  assert.match(JSON.stringify(inbox), /Another trip/)
  const { body: members } = await bob('GET', `${group}/members?limit=2`)
  assert.equal(members['more'], true)

  assert.equal((await alice('DELETE', `${group}/messages/2`)).status, 200)
  assert.equal((await bob('DELETE', `${group}/members/bob`)).status, 200)
  assert.equal((await bob('GET', group)).error?.code, 'not_a_member')
})

test('a repeated Idempotency-Key has no second effect and gets the first answer', async (context) => {
  const server = await openTestServer(context)
  const alice = as(server, 'alice')
  const headers = { 'idempotency-key': 'order-17' }
  const body = { conversationKind: 'group', title: 'Order 17' }
  const [first, again] = [
    await alice('POST', '/conversations', { headers, body }),
    await alice('POST', '/conversations', { headers, body }),
  ]
  assert.deepEqual(again.body, first.body)
  const group = `/conversations/${String(first.body['conversationId'])}`
  const send = (text: string): Promise<HttpAnswer> =>
    alice('POST', `${group}/messages`, { headers, body: { text } })
  const [sent, resent] = [await send('paid'), await send('paid')]
  assert.equal(sent.body['seq'], 2)
  assert.deepEqual(resent.body, sent.body)
  assert.equal((await send('something else')).error?.code, 'outbox_conflict')
  const other = await alice('POST', `${group}/messages`, { body: { text: 'without a key' } })
  assert.equal(other.body['seq'], 3)
})

test('a user’s token acts for that user alone', async (context) => {
  const server = await openTestServer(context)
  const token = await server.tokenOf('alice')
  const mine = await callHttp('GET', `${server.url}/v1/conversations`, { bearer: token })
  assert.equal(mine.status, 200)
  const foreign = await callHttp('GET', `${server.url}/v1/conversations`, {
    bearer: token,
    user: 'bob',
  })
  assert.equal(foreign.error?.code, 'forbidden')
  const erasing = await callHttp('DELETE', `${server.url}/v1/users/alice`, { bearer: token })
  assert.equal(erasing.error?.code, 'forbidden')
})

test('a direct message by HTTP makes the conversation, and profiles go with it', async (context) => {
  const server = await openTestServer(context)
  const alice = as(server, 'alice')
  const dora = encodeURIComponent('dora-ü')
  const profile = await alice('PUT', `/users/${dora}`, { body: { name: 'Dora' } })
  assert.equal(profile.body['name'], 'Dora')
  const socket = await server.signIn('dora-ü')
  const none = await alice('GET', `/users/${dora}/conversation`)
  assert.deepEqual([none.status, none.error?.code], [404, 'no_such_conversation'])
  const sent = await alice('POST', `/users/${dora}/messages`, { body: { text: 'hello' } })
  assert.equal(sent.status, 201)
  for (const [one, other] of [
    ['alice', dora],
    [dora, 'alice'],
  ] as const) {
    const { body } = await as(server, one)('GET', `/users/${other}/conversation`)
    assert.equal(body['conversationId'], sent.body['conversationId'])
  }
  const pushed = await socket.until('event', ({ event }) => event.content.kind === 'message_sent')
  assert.equal(pushed.event.authorId, 'alice')
  const found = await as(server, dora)('GET', `/users?ids=alice,${dora}`)
  assert.deepEqual(found.body['users'], [{ id: 'alice' }, { id: 'dora-ü', name: 'Dora' }])
})

test('an erased user leaves every conversation, and every session ends', async (context) => {
  const server = await openTestServer(context)
  const alice = await server.signIn('alice')
  const groups = [await alice.group(userIdOf('bob')), await alice.group(userIdOf('bob'))]
  const bob = await server.signIn('bob')
  const channel = newConversationId('channel')
  const created = { kind: 'create_conversation', conversationKind: 'channel' } as const
  await alice.command({ conversationId: channel }, created)
  await bob.request('follow', { conversationId: channel })
  const { conversationId: direct } = await bob.command(
    { to: userIdOf('alice') },
    { kind: 'send_message', text: 'hello' },
  )
  await callHttp('PUT', `${server.url}/v1/users/bob`, {
    bearer: server.serverKey,
    body: { name: 'Bob' },
  })
  const erased = await callHttp('DELETE', `${server.url}/v1/users/bob`, {
    bearer: server.serverKey,
  })
  assert.equal(erased.status, 200)
  assert.equal((await bob.untilClosed()).reason, 'session_ended')
  for (const conversationId of [...groups, direct]) {
    const { members } = await alice.request('members', { conversationId })
    assert.deepEqual(
      members.map(({ userId }) => userId),
      ['alice'],
    )
  }
  const bobs = await as(server, 'bob')('GET', '/conversations')
  assert.deepEqual(bobs.body['conversations'], [])
  const { users } = await alice.request('users', { ids: [userIdOf('bob')] })
  assert.deepEqual(users, [{ id: 'bob' }])
})

test('the erasure of a user has a record: when, by which key, how far, and its end', async (context) => {
  const server = await openTestServer(context)
  const backend = as(server, 'bob')
  const alice = await server.signIn('alice')
  await alice.group(userIdOf('bob'))
  await alice.group(userIdOf('bob'))
  assert.equal((await backend('GET', '/users/bob/erasure')).status, 404)
  await backend('DELETE', '/users/bob')
  const read = async () => (await backend('GET', '/users/bob/erasure')).body
  const finished = await eventually('it is finished', async () => {
    const record = await read()
    return record['finishedAtMs'] === undefined ? undefined : record
  })
  const { askedAtMs, askedBy, finishedAtMs, conversations } = finished
  assert.deepEqual(conversations, { total: 2, done: 2 })
  assert.equal(askedBy, keyFingerprint(server.serverKey))
  assert.ok(Number(askedAtMs) <= Number(finishedAtMs))
  await backend('DELETE', '/users/bob')
  const again = await read()
  assert.ok(Number(again['askedAtMs']) > Number(askedAtMs), 'a later one is another')
  assert.deepEqual(again['conversations'], { total: 0, done: 0 })
  const token = await server.tokenOf('alice')
  const asUser = await callHttp('GET', `${server.url}/v1/users/bob/erasure`, { bearer: token })
  assert.equal(asUser.status, 403)
})

test('an erased user’s messages are blanked for everybody, where the setting says so', async (context) => {
  const server = await openTestServer(context, {
    environment: { SATCHEL_ERASE_BLANKS_MESSAGES: 'on' },
  })
  const [alice, bob] = [await server.signIn('alice'), await server.signIn('bob')]
  const group = await alice.group(userIdOf('bob'))
  const { seq: target } = await bob.say(group, 'my address is …')
  await as(server, 'bob')('DELETE', '/users/bob')
  await alice.until(
    'event',
    ({ event: { content } }) => content.kind === 'message_deleted' && content.target === target,
  )
  const { events } = await alice.request('history', {
    conversationId: group,
    around: target,
    limit: 1,
  })
  const [message] = events
  assert.equal(message?.content.kind === 'message_sent' && message.content.body.deleted, true)
})

test('ending sessions by HTTP closes them for good', async (context) => {
  const server = await openTestServer(context)
  const bob = await server.signIn('bob')
  await as(server, 'bob')('DELETE', '/users/bob/sessions')
  assert.deepEqual(await bob.untilClosed(), { code: 4004, reason: 'session_ended' })
})

test('following a channel by HTTP brings its messages to open sockets', async (context) => {
  const server = await openTestServer(context)
  const alice = as(server, 'alice')
  const created = await alice('POST', '/conversations', {
    body: { conversationKind: 'channel', title: 'News' },
  })
  const channel = `/conversations/${String(created.body['conversationId'])}`
  const bob = await server.signIn('bob')
  assert.equal((await as(server, 'bob')('PUT', `${channel}/follow`)).status, 200)
  await alice('POST', `${channel}/messages`, { body: { text: 'extra' } })
  await bob.until('event', ({ event }) => event.seq === 2)
  assert.equal((await as(server, 'bob')('DELETE', `${channel}/follow`)).status, 200)
  assert.equal((await as(server, 'bob')('GET', channel)).error?.code, 'not_a_member')
})
