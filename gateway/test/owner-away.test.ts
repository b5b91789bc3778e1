import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newAttachmentId, type ConversationId } from '@satchel/protocol'
import { eventually } from './eventually.ts'
import { holdGreeting } from './support/held-greeting.ts'
import { openTestCluster } from './test-cluster.ts'
import { userIdOf } from './test-server.ts'

const bob = userIdOf('bob')

test('a session begins without the conversations whose owner is away, which follow', async (context) => {
  const { one, other } = await openTestCluster(context)
  const alice = await other.signIn('alice')
  const [stuck, fine] = [await alice.group(bob), await alice.group(bob)]
  for (const group of [stuck, fine]) await alice.say(group, 'while bob is away')
  one.weather.isOwnerAway = (id) => id === stuck
  const client = await one.connect()
  const heads = [stuck, fine].map((conversationId) => ({ conversationId, seq: 1 }))
  const welcome = await client.hello(await one.tokenOf('bob'), { heads })
  assert.deepEqual(welcome.gone, [])
  assert.deepEqual(
    welcome.conversations.map(({ conversationId }) => conversationId),
    [fine],
  )
  await client.until('behind', ({ conversationId }) => conversationId === stuck)
  await client.until('replayed', ({ conversationId }) => conversationId === fine)
  await alice.say(fine, 'goes on')
  await client.until('event', ({ event }) => event.seq === 3)
  assert.deepEqual(client.of('caught_up'), [])
  one.weather.isOwnerAway = () => false
  await client.until('replayed', ({ conversationId }) => conversationId === stuck)
  await client.until('caught_up')
  assert.deepEqual(client.seqs(stuck), [2])
  assert.deepEqual(client.seqs(fine), [2, 3])
  assert.equal(client.of('caught_up').length, 1)
  await alice.say(stuck, 'live again')
  await client.until('event', (frame) => frame.conversationId === stuck && frame.event.seq === 3)
})

test('what came between where a client stands and the events that came while it was greeted is sent', async (context) => {
  const greeting = holdGreeting(context, bob)
  const { one, other } = await openTestCluster(context, { wrapBackend: greeting.wrapBackend })
  const alice = await other.signIn('alice')
  const conversationId = await alice.group(bob)
  await alice.say(conversationId, 'while bob is away')
  one.weather.isOwnerAway = () => true
  const client = await one.connect()
  const welcome = client.hello(await one.tokenOf('bob'), { heads: [{ conversationId, seq: 1 }] })
  await greeting.isGreeting
  await alice.say(conversationId, 'while bob is greeted')
  await eventually(
    'that has come',
    async () => (await one.metric('satchel_conversations_open')) > 0,
  )
  greeting.goOn()
  await welcome
  await client.until('behind')
  one.weather.isOwnerAway = () => false
  await client.until('caught_up')
  assert.deepEqual(client.seqs(conversationId), [2, 3])
  assert.deepEqual(
    client.of('replayed').map(({ seq }) => seq),
    [3],
  )
})

test('a client that had said nothing of it is told where such a conversation stands', async (context) => {
  const { one, other } = await openTestCluster(context)
  const alice = await other.signIn('alice')
  const group = await alice.group(bob)
  one.weather.isOwnerAway = () => true
  const client = await one.signIn('bob')
  await client.until('behind')
  one.weather.isOwnerAway = () => false
  const { heads } = await client.until('heads')
  assert.deepEqual(heads, [{ conversationId: group, seq: 1, ordinal: 0 }])
  await client.until('caught_up')
  await alice.say(group, 'hello')
  await client.until('event', ({ event }) => event.seq === 2)
})

test('whoever was removed while it could not be asked gets nothing when it can', async (context) => {
  const { one, other } = await openTestCluster(context)
  const alice = await other.signIn('alice')
  const conversationId = await alice.group(bob)
  one.weather.isOwnerAway = () => true
  one.weather.loses = ({ type }) => type === 'events'
  const client = await one.signIn('bob', { heads: [{ conversationId, seq: 1 }] })
  await alice.command({ conversationId }, { kind: 'remove_member', userId: bob })
  await alice.say(conversationId, 'without bob')
  one.weather.isOwnerAway = () => false
  await client.until('caught_up')
  assert.deepEqual(client.seqs(conversationId), [])
  assert.equal(await one.metric('satchel_conversations_open'), 0)
})

test('what cannot be asked is refused so that it is asked again', async (context) => {
  const { one } = await openTestCluster(context)
  const alice = await one.signIn('alice')
  const conversationId = await alice.group(bob)
  one.weather.isOwnerAway = () => true
  const file = { name: 'a.bin', sizeBytes: 1, contentType: 'application/octet-stream' }
  const attachmentId = newAttachmentId()
  const wanted = [{ conversationId, seq: 1, attachmentId, variant: 'original' }] as const
  const asked = [
    alice.request('history', { conversationId }),
    alice.request('conversation', { conversationId }),
    alice.request('members', { conversationId }),
    alice.request('marks', { conversationId }),
    alice.request('inbox', {}),
    alice.request('begin_upload', { upload: { attachmentId, conversationId, ...file } }),
  ]
  // In whatever order they are answered.
  await Promise.all(asked.map((answer) => assert.rejects(answer, { code: 'unavailable' })))
  const { links } = await alice.request('links', { wanted })
  assert.deepEqual(links, [{ error: 'unavailable' }])
  await alice.request('catch_up', { conversationId, seq: 0 })
  await alice.until('behind')
  one.weather.isOwnerAway = () => false
  await alice.until('replayed')
  assert.deepEqual(alice.seqs(conversationId), [1, 1])
})

test('a thousand that wait for one owner ask it no more than a few would', async (context) => {
  const environment = { SATCHEL_LIMITS: 'off' }
  const { one, other } = await openTestCluster(context, { environment })
  const people = Array.from({ length: 50 }, (_, n) => `person-${n}`)
  const alice = await other.signIn('alice')
  const groups: ConversationId[] = []
  for (let n = 0; n < 20; n++) groups.push(await alice.group(...people.map(userIdOf)))
  const heads = groups.map((conversationId) => ({ conversationId, seq: 0 }))
  one.weather.isOwnerAway = () => true
  const clients = await Promise.all(people.map((name) => one.signIn(name, { heads })))
  assert.equal(await one.metric('satchel_conversations_out_of_reach'), 20)
  const asked = one.weather.asked
  const beganMs = performance.now()
  // As clients do that are told that they are behind.
  for (const client of clients) {
    const again = groups.map((conversationId) =>
      client.request('catch_up', { conversationId, seq: 0 }),
    )
    for (const answer of again) await assert.rejects(answer, { code: 'unavailable' })
  }
  await eventually('they are asked about', () => one.weather.asked >= asked + 60)
  // A question per conversation and turn, the turns at least 125 ms apart, whoever waits.
  const turns = (performance.now() - beganMs) / 125 + 1
  assert.ok(one.weather.asked <= asked + 20 * turns)
  one.weather.isOwnerAway = () => false
  for (const client of clients) {
    await client.until('caught_up', () => true, 20_000)
    for (const group of groups) assert.deepEqual(client.seqs(group), [1])
  }
})

test('sessions that end while they wait are forgotten', async (context) => {
  const { one, other } = await openTestCluster(context)
  const alice = await other.signIn('alice')
  await alice.group(bob)
  one.weather.isOwnerAway = () => true
  const client = await one.signIn('bob')
  await client.until('behind')
  assert.equal(await one.metric('satchel_conversations_out_of_reach'), 1)
  client.close()
  await eventually(
    'nobody waits',
    async () => (await one.metric('satchel_conversations_out_of_reach')) === 0,
  )
})
