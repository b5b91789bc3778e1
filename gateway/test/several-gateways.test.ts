import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newAttachmentId, newConversationId, type ConversationId } from '@satchel/protocol'
import { eventually } from './eventually.ts'
import { callHttp } from './http-client.ts'
import type { SocketClient } from './socket-client.ts'
import { openTestCluster } from './test-cluster.ts'
import { userIdOf } from './test-server.ts'

const bob = userIdOf('bob')

test('a message sent at one gateway reaches everybody at the others, own devices with its id', async (context) => {
  const { one, other } = await openTestCluster(context)
  const [alice, tablet] = [await one.signIn('alice'), await other.signIn('alice')]
  const client = await other.signIn('bob')
  const group = await alice.group(bob)
  await client.say(group, 'hello')
  await alice.say(group, 'you there')
  for (const device of [alice, tablet, client]) {
    await device.until('event', ({ event }) => event.seq === 3)
    assert.deepEqual(device.seqs(group), [1, 2, 3])
  }
  const own = tablet.of('event').map(({ event }) => event.commandId !== undefined)
  assert.deepEqual(own, [true, false, true])
})

test('typing, marks and settings cross gateways to whoever may know of them', async (context) => {
  const { one, other } = await openTestCluster(context)
  const [alice, tablet] = [await one.signIn('alice'), await other.signIn('alice')]
  const [client, stranger] = [await other.signIn('bob'), await other.signIn('stranger')]
  const conversationId = await alice.group(bob)
  await client.until('event')
  alice.send({ type: 'activity', conversationId, activity: 'typing' })
  await client.until('activity', ({ activity }) => activity === 'typing')
  client.send({ type: 'mark', conversationId, mark: 'read', seq: 1 })
  for (const device of [alice, tablet]) await device.until('mark', ({ userId }) => userId === bob)
  const settings = { kind: 'set_member_settings', mutedUntilMs: 5 } as const
  await alice.command({ conversationId }, settings)
  await tablet.until('member_settings')
  for (const device of [alice, tablet]) assert.deepEqual(device.of('activity'), [])
  assert.deepEqual(stranger.pushed, [{ type: 'caught_up' }])
})

test('own devices learn a mark in conversations where nobody else does', async (context) => {
  const { one, other } = await openTestCluster(context)
  const [alice, tablet] = [await one.signIn('alice'), await other.signIn('alice')]
  const client = await other.signIn('bob')
  const conversationId = await newChannel(alice)
  await client.request('follow', { conversationId })
  alice.send({ type: 'mark', conversationId, mark: 'read', seq: 1 })
  await tablet.until('mark')
  await client.request('inbox', {})
  assert.deepEqual(client.of('mark'), [])
})

test('presence is told across gateways, and holds until the last session goes', async (context) => {
  const { one, other } = await openTestCluster(context)
  const alice = await one.signIn('alice')
  await alice.group(bob)
  await alice.request('watch_presence', { ids: [bob] })
  const [phone, laptop] = [await other.signIn('bob'), await one.signIn('bob')]
  await alice.until('presence', ({ presence }) => presence[0]?.online === true)
  phone.close()
  await eventually('the phone is gone', async () => (await other.metric('satchel_sessions')) === 0)
  await alice.request('inbox', {})
  assert.equal(alice.of('presence').length, 1)
  laptop.close()
  await alice.until('presence', ({ presence }) => presence[0]?.online === false)
})

test('the progress of an upload is seen at another gateway', async (context) => {
  const { one, other, backend } = await openTestCluster(context)
  const [alice, client] = [await one.signIn('alice'), await other.signIn('bob')]
  const conversationId = await alice.group(bob)
  const id = newAttachmentId()
  const file = { name: 'a.bin', sizeBytes: 100, contentType: 'application/octet-stream' }
  await alice.request('begin_upload', { upload: { attachmentId: id, conversationId, ...file } })
  const { seq = 0 } = await alice.command(
    { conversationId },
    { kind: 'send_message', attachments: [{ id }] },
  )
  // As the media worker does, which is not here.
  const row = await backend.attachments.read(id)
  assert.ok(row !== undefined)
  await backend.attachments.replace(row, { ...row, version: row.version + 1, messageSeq: seq })
  await eventually('progress arrives', () => {
    alice.send({ type: 'upload_progress', attachmentId: id, sentBytes: 40 })
    return client.of('upload_progress')[0]
  })
})

test('following a channel seats all devices of the user, at every gateway', async (context) => {
  const { one, other } = await openTestCluster(context)
  const alice = await one.signIn('alice')
  const devices = [await one.signIn('bob'), await other.signIn('bob'), await other.signIn('bob')]
  const [phone] = devices
  assert.ok(phone !== undefined)
  const news = await newChannel(alice)
  await phone.request('follow', { conversationId: news })
  await eventually('every gateway knows', async () => (await conversationsOpen(other)) === 1)
  await alice.say(news, 'first')
  for (const device of devices) await device.until('event', ({ event }) => event.seq === 2)
  await phone.request('unfollow', { conversationId: news })
  await eventually('every gateway forgets', async () => (await conversationsOpen(other)) === 0)
  await alice.say(news, 'second')
  // What comes next proves that nothing else was on its way.
  const group = await alice.group(bob)
  for (const device of devices) {
    await device.until('event', ({ conversationId }) => conversationId === group)
    assert.deepEqual(device.seqs(news), [2])
  }
})

test('a backend makes somebody follow through a gateway that has none of their sessions', async (context) => {
  const { one, other, settings } = await openTestCluster(context)
  const [alice, phone] = [await one.signIn('alice'), await other.signIn('bob')]
  const news = await newChannel(alice)
  const bearer = settings.serverKeys[0]
  const url = `${one.url}/v1/conversations/${news}/follow`
  assert.equal((await callHttp('PUT', url, { bearer, user: 'bob' })).status, 200)
  await eventually('the gateway knows', async () => (await conversationsOpen(other)) === 1)
  await alice.say(news, 'first')
  await phone.until('event', ({ event }) => event.seq === 2)
})

test('ending a user’s sessions ends them at every gateway', async (context) => {
  const { one, other, settings } = await openTestCluster(context)
  const devices = [await one.signIn('bob'), await other.signIn('bob'), await other.signIn('bob')]
  const alice = await other.signIn('alice')
  const bearer = settings.serverKeys[0]
  const { status } = await callHttp('DELETE', `${one.url}/v1/users/bob/sessions`, { bearer })
  assert.equal(status, 200)
  for (const device of devices)
    assert.deepEqual(await device.untilClosed(), { code: 4004, reason: 'session_ended' })
  await alice.request('inbox', {})
})

test('the word that ends sessions is given again when the bus has lost it', async (context) => {
  const { one, other, settings } = await openTestCluster(context)
  const phone = await other.signIn('bob')
  const end = () =>
    callHttp('DELETE', `${one.url}/v1/users/bob/sessions`, { bearer: settings.serverKeys[0] })
  let lost = 0
  other.weather.loses = ({ type }) => type === 'end_sessions' && lost++ < 3
  assert.equal((await end()).status, 200)
  await phone.untilClosed()
  one.weather.cut()
  assert.equal((await end()).error?.code, 'unavailable')
})

test('a session that leaves one gateway for another gets what was said between', async (context) => {
  const { one, other } = await openTestCluster(context)
  const alice = await one.signIn('alice')
  const before = await one.signIn('bob')
  const group = await alice.group(bob)
  await before.until('event')
  before.close()
  await alice.say(group, 'where are you')
  const after = await other.signIn('bob', { heads: [{ conversationId: group, seq: 1 }] })
  await after.until('caught_up')
  assert.deepEqual(after.seqs(group), [2])
})

async function newChannel(client: SocketClient): Promise<ConversationId> {
  const conversationId = newConversationId('channel')
  const command = { kind: 'create_conversation', conversationKind: 'channel' } as const
  await client.command({ conversationId }, command)
  return conversationId
}

function conversationsOpen(gateway: { metric(name: string): Promise<number> }): Promise<number> {
  return gateway.metric('satchel_conversations_open')
}
