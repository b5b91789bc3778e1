import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestBench, user } from './support/test-bench.ts'

test('users are asked for once, 50 at a time, and come in the order asked', async () => {
  const { client, server } = createTestBench()
  const alice = client('alice')
  await alice.connect()
  const ids = Array.from({ length: 70 }, (_, index) => `user${String(index)}`)
  const [all, again] = await Promise.all([alice.users(ids), alice.users(ids.slice(10, 20))])
  assert.deepEqual(
    all.map(({ id }) => id),
    ids,
  )
  assert.equal(again[0]?.id, 'user10')
  await alice.users(['user3', 'alice'])
  assert.deepEqual(
    server.framesOf('users').map((frame) => frame.ids.length),
    [50, 20],
  )
  assert.equal(alice.knownUser('user3')?.name, 'Name user3')
  assert.equal(alice.knownUser('nobody'), undefined)
  alice.close()
})

test('watched people are watched again after a reconnect', async () => {
  const { client, clock, network, server } = createTestBench()
  const alice = client('alice')
  await alice.connect()
  const heard: string[] = []
  alice.presence.on('presence', (states) => {
    heard.push(...states.map(({ userId, online }) => `${userId} ${String(online)}`))
  })
  await alice.presence.watch(['bob', 'carol'])
  assert.ok(alice.presence.get('bob')?.online)
  const gone = { userId: user('bob'), online: false, lastSeenMs: clock.now() }
  server.pushAll({ type: 'presence', presence: [gone] })
  await clock.settle()
  assert.equal(alice.presence.get('bob')?.online, false)
  await alice.presence.watch(['bob'])
  assert.equal(alice.presence.get('carol'), undefined)
  network.cutAll()
  await clock.advance(5_000)
  assert.deepEqual(
    server.framesOf('watch_presence').map(({ ids }) => ids.join()),
    ['bob,carol', 'bob', 'bob'],
  )
  assert.deepEqual(heard, ['bob true', 'carol true', 'bob false', 'bob true', 'bob true'])
  alice.close()
})

test('typing is said every three seconds while it goes on, and once when it ends', async () => {
  const { client, clock, server, group } = createTestBench()
  const { id } = group(['alice', 'bob'])
  const alice = client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  for (let key = 0; key < 40; key++) {
    trip.typing()
    await clock.advance(100)
  }
  trip.typing('none')
  trip.typing('none')
  await clock.settle()
  assert.deepEqual(
    server.framesOf('activity').map(({ activity }) => activity),
    ['typing', 'typing', 'none'],
  )
  trip.typing()
  await trip.send('Hello')
  trip.typing()
  await clock.settle()
  assert.equal(server.framesOf('activity').length, 5, 'a message ends the typing')
  alice.close()
})

test('others stop typing when they say so, send, or are not heard of for six seconds', async () => {
  const { client, clock, server, group } = createTestBench()
  const { id } = group(['alice', 'bob', 'carol'])
  const alice = client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  await clock.settle()
  const seen: string[] = []
  trip.on('activity', (active) => {
    seen.push([...active].map(([userId, activity]) => `${userId}:${activity}`).join())
  })
  const say = async (userId: string, activity: 'typing' | 'recording' | 'none') => {
    server.pushAll({ type: 'activity', conversationId: id, userId: user(userId), activity })
    await clock.settle()
  }
  await say('bob', 'typing')
  await say('carol', 'recording')
  await say('carol', 'none')
  await clock.advance(5_000)
  await say('bob', 'typing')
  await clock.advance(5_000)
  assert.equal(trip.active.get(user('bob')), 'typing')
  await clock.advance(1_000)
  assert.equal(trip.active.size, 0)
  await say('bob', 'typing')
  server.append(id, 'bob', 'Hello')
  await clock.settle()
  assert.deepEqual(seen, [
    'bob:typing',
    'bob:typing,carol:recording',
    'bob:typing',
    '',
    'bob:typing',
    '',
  ])
  alice.close()
})
