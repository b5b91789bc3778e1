import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '@satchel/protocol'
import { createTestBench } from './support/test-bench.ts'

test('a message is in the list at once, and the same entry gets its seq when it has arrived', async () => {
  const { client, clock, server, group } = createTestBench()
  const { id } = group(['alice', 'bob'])
  const alice = client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  const sending = trip.send({ text: 'Hello' })
  const [pending] = trip.messages
  assert.equal(pending?.local?.state, 'pending')
  assert.equal(pending.text, 'Hello')
  const sent = await sending
  assert.equal(sent.seq, 2)
  await clock.settle()
  assert.deepEqual(
    trip.messages.map(({ key, seq, local, mine }) => ({ key, seq, local, mine })),
    [{ key: pending.key, seq: 2, local: undefined, mine: true }],
  )
  assert.equal(server.conversation(id).seq, 2)
  alice.close()
})

test('a group is created with everybody, fifty at a time, and hears its own creation', async () => {
  const { client, clock, server } = createTestBench()
  const alice = client('alice')
  await alice.connect()
  const memberIds = Array.from({ length: 120 }, (_, index) => `user${String(index)}`)
  const heard: string[] = []
  alice.on('event', ({ event }) => heard.push(event.content.kind))
  const trip = await alice.createConversation({ kind: 'group', title: 'Trip', memberIds })
  await clock.settle()
  assert.deepEqual(
    server.framesOf('command').map(({ command }) => command.kind),
    ['create_conversation', 'add_members', 'add_members'],
  )
  assert.ok(trip.id)
  assert.equal(server.conversation(trip.id).members.size, 121)
  assert.equal(trip.kind, 'group')
  assert.equal(trip.title, 'Trip')
  assert.equal(alice.inbox.conversations[0]?.memberCount, 121)
  assert.deepEqual(heard, ['conversation_created', 'members_added', 'members_added'])
  assert.equal(alice.conversation(trip.id), trip)
  alice.close()
})

test('what a message says arrives with it', async () => {
  const { client, clock, group } = createTestBench()
  const { id } = group(['alice', 'bob'], 1)
  const [alice, bob] = [client('alice'), client('bob')]
  await Promise.all([alice.connect(), bob.connect()])
  const trip = bob.conversation(id)
  await clock.settle()
  await alice.conversation(id).send({
    text: 'Look',
    replyTo: 2,
    mentions: ['bob'],
    mentionAll: true,
    silent: true,
    data: { poll: [1, 2] },
  })
  await clock.settle()
  const message = trip.messages.at(-1)
  assert.ok(message)
  const { text, replyTo, mentions, mentionAll, silent, data, mine, authorId } = message
  assert.deepEqual(
    { text, replyTo, mentions, mentionAll, silent, data, mine, authorId },
    {
      text: 'Look',
      replyTo: 2,
      mentions: ['bob'],
      mentionAll: true,
      silent: true,
      data: { poll: [1, 2] },
      mine: false,
      authorId: 'alice',
    },
  )
  alice.close()
  bob.close()
})

test('what can never be accepted is refused before it takes a place', async () => {
  const { client, server, group } = createTestBench()
  const { id } = group(['alice', 'bob'])
  const alice = client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  await assert.rejects(trip.send('x'.repeat(8_193)), { code: 'too_large' })
  await assert.rejects(trip.send({ text: 'hi', mentions: [''] }), { code: 'bad_request' })
  await assert.rejects(trip.react(1, 'no emoji'), { code: 'bad_request' })
  const captions = Array.from({ length: 10 }, () => ({
    id: 'AAAAAAAAAAAAAAAAAAAAAA',
    caption: '€'.repeat(1_000),
  }))
  await assert.rejects(trip.send({ attachments: captions }), { code: 'too_large' })
  assert.throws(() => alice.conversation('nonsense'), { code: 'bad_request' })
  assert.throws(() => alice.direct(''), { code: 'bad_request' })
  assert.equal(trip.messages.length, 0)
  assert.equal(server.framesOf('command').length, 0)
  alice.close()
})

test('a refused message stays as failed until it is sent again or discarded', async () => {
  const { client, clock, server, group } = createTestBench()
  const { id } = group(['alice', 'bob'])
  const alice = client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  server.judge = () => ({ kind: 'refuse', error: new ChatError('not_allowed', 'muted') })
  await assert.rejects(trip.send('one'), { code: 'not_allowed' })
  await assert.rejects(trip.send('two'), { code: 'not_allowed' })
  const [one, two] = trip.messages
  assert.ok(one && two)
  assert.deepEqual(one.local, { state: 'failed', code: 'not_allowed', message: 'muted' })
  server.judge = () => ({ kind: 'apply' })
  trip.discard(one.key)
  assert.equal((await trip.retry(two.key)).seq, 2)
  await clock.settle()
  assert.deepEqual(
    trip.messages.map(({ text, local }) => [text, local]),
    [['two', undefined]],
  )
  await assert.rejects(trip.retry(two.key), { code: 'no_such_message' })
  alice.close()
})

test('one device sees what another of the same user sends as its own', async () => {
  const { client, clock, group } = createTestBench()
  const { id } = group(['alice', 'bob'])
  const [phone, desktop] = [client('alice'), client('alice')]
  await Promise.all([phone.connect(), desktop.connect()])
  const trip = desktop.conversation(id)
  const changes: number[] = []
  await clock.settle()
  trip.on('change', () => changes.push(trip.messages.length))
  await phone.conversation(id).send('from the phone')
  await clock.settle()
  assert.deepEqual(
    trip.messages.map(({ text, mine }) => [text, mine]),
    [['from the phone', true]],
  )
  assert.deepEqual(changes, [1])
  phone.close()
  desktop.close()
})

test('a listener that throws disturbs neither the others nor the client', async () => {
  const { client, clock, server, group } = createTestBench()
  const { id } = group(['alice', 'bob'])
  const alice = client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  const uncaught: unknown[] = []
  const listener = (error: unknown): void => {
    uncaught.push(error)
  }
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', listener)
  const heard: number[] = []
  trip.on('event', () => {
    throw new Error('a bug of the integrator')
  })
  trip.on('event', ({ seq }) => heard.push(seq))
  server.append(id, 'bob', 'one')
  server.append(id, 'bob', 'two')
  await clock.settle()
  process.removeListener('uncaughtException', listener)
  for (const other of others) process.on('uncaughtException', other)
  assert.deepEqual(heard, [2, 3])
  assert.deepEqual(uncaught.map(String), [
    'Error: a bug of the integrator',
    'Error: a bug of the integrator',
  ])
  alice.close()
})
