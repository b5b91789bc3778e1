import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatClient } from '@satchel/client'
import { newConversationId } from '@satchel/protocol'
import { eventually } from './eventually.ts'
import { callHttp } from './http-client.ts'
import { openTestCluster } from './test-cluster.ts'
import { userIdOf } from './test-server.ts'

const bob = userIdOf('bob')

test('a gateway that was cut off brings its sessions up to date, nobody asking', async (context) => {
  const { one, other } = await openTestCluster(context)
  const [alice, client] = [await other.signIn('alice'), await one.signIn('bob')]
  const group = await alice.group(bob)
  await client.until('event')
  one.weather.cut()
  for (const text of ['two', 'three', 'four']) await alice.say(group, text)
  await assert.rejects(client.say(group, 'into the void'), { code: 'unavailable' })
  assert.ok(client.isOpen)
  one.weather.clear()
  await client.until('event', ({ event }) => event.seq === 4)
  assert.deepEqual(client.seqs(group), [1, 2, 3, 4])
  const again = { kind: 'send_message', text: 'through' } as const
  await client.command({ conversationId: group }, again, true)
  await alice.until('event', ({ event }) => event.seq === 5)
})

test('what began meanwhile is heard of, and what ended is not gone on with', async (context) => {
  const { one, other } = await openTestCluster(context)
  const [alice, client] = [await other.signIn('alice'), await one.signIn('bob')]
  const left = await alice.group(bob)
  await client.until('event')
  one.weather.cut()
  await alice.command({ conversationId: left }, { kind: 'remove_member', userId: bob })
  await alice.say(left, 'without bob')
  const begun = await alice.group(bob)
  const news = newConversationId('channel')
  const channel = { kind: 'create_conversation', conversationKind: 'channel' } as const
  await alice.command({ conversationId: news }, channel)
  await (await other.signIn('bob')).request('follow', { conversationId: news })
  one.weather.clear()
  for (const id of [begun, news])
    await client.until('heads', ({ heads }) => heads.some((head) => head.conversationId === id))
  for (const group of [left, begun, news]) await alice.say(group, 'go on')
  for (const id of [begun, news])
    await client.until('event', ({ conversationId }) => conversationId === id)
  // The last thing is that he was removed.
  assert.deepEqual(client.seqs(left), [1, 2])
})

test('a gap while the owner is away is filled when it is back', async (context) => {
  const { one, other } = await openTestCluster(context)
  const [alice, client] = [await other.signIn('alice'), await one.signIn('bob')]
  const group = await alice.group(bob)
  await client.until('event')
  one.weather.cut()
  await alice.say(group, 'lost on the way')
  one.weather.isOwnerAway = () => true
  one.weather.clear()
  await eventually(
    'the gateway waits for the owner',
    async () => (await one.metric('satchel_conversations_out_of_reach')) === 1,
  )
  one.weather.isOwnerAway = () => false
  await client.until('event', ({ event }) => event.seq === 2)
})

test('a session that cannot be registered begins, and hears of everything once it is', async (context) => {
  const { one, other } = await openTestCluster(context)
  const alice = await other.signIn('alice')
  const group = await alice.group(bob)
  one.weather.isRegistryAway = true
  const client = await one.signIn('bob', { heads: [{ conversationId: group, seq: 1 }] })
  await client.until('caught_up')
  await alice.say(group, 'nobody knows where bob is')
  one.weather.isRegistryAway = false
  one.weather.clear()
  await client.until('event', ({ event }) => event.seq === 2)
  await alice.say(group, 'now they do')
  await client.until('event', ({ event }) => event.seq === 3)
})

test('the client library waits while nothing can be sent, then sends all of it once', async (context) => {
  const { one, other } = await openTestCluster(context)
  const watcher = await other.signIn('bob')
  const chat = new ChatClient({
    url: one.socketUrl,
    getToken: () => one.tokenOf('alice'),
  })
  context.after(() => chat.close())
  await chat.connect()
  const states: string[] = []
  chat.on('state', ({ status }) => states.push(status))
  const trip = await chat.createConversation({ kind: 'group', memberIds: ['bob'] })
  one.weather.cut()
  const sending = ['one', 'two', 'three'].map((text) => trip.send({ text }))
  await eventually('sends are refused', async () => {
    const { text } = await one.metrics()
    return /satchel_requests_refused_total\{request="command",code="unavailable"\}/.test(text)
  })
  one.weather.clear()
  const sent = await Promise.all(sending)
  assert.deepEqual(
    sent.map(({ seq }) => seq),
    [2, 3, 4],
  )
  await watcher.until('event', ({ event }) => event.seq === 4)
  assert.deepEqual(states, [])
})

test('new clients are sent elsewhere once the bus has been away for a while', async (context) => {
  const { one, other } = await openTestCluster(context, { times: { busAwayMs: 1_000 } })
  const readyStatus = async (): Promise<number> =>
    (await callHttp('GET', `${one.url}/ready`)).status
  one.weather.cut()
  assert.equal(await readyStatus(), 200)
  await eventually('it is not ready', async () => (await readyStatus()) === 503)
  assert.equal((await callHttp('GET', `${one.url}/live`)).status, 200)
  assert.equal((await callHttp('GET', `${other.url}/ready`)).status, 200)
  one.weather.clear()
  await eventually('it is ready', async () => (await readyStatus()) === 200)
})
