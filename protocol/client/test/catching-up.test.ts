import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError, newAttachmentId, type EventContent } from '@satchel/protocol'
import type { Conversation } from '../src/index.ts'
import { createTestBench, user } from './support/test-bench.ts'
import type { TestBench } from './support/test-bench.ts'

function listen(conversation: Conversation): number[] {
  const seqs: number[] = []
  conversation.on('event', ({ seq }) => seqs.push(seq))
  return seqs
}

/** The client is away while `work` happens. */
async function whileAway({ network, clock }: TestBench, work: () => void): Promise<void> {
  network.isDown = true
  network.cutAll()
  await clock.settle()
  work()
  network.isDown = false
  await clock.advance(10_000)
}

function upTo(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

test('a client that slept through 300 events gets them in order, once', async () => {
  const bench = createTestBench()
  const { id } = bench.group(['alice', 'bob'], 4)
  const alice = bench.client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  const seqs = listen(trip)
  await whileAway(bench, () => {
    for (let n = 1; n <= 300; n++) bench.server.append(id, 'bob', `missed ${String(n)}`)
  })
  bench.server.append(id, 'bob', 'live again')
  await bench.clock.settle()
  assert.deepEqual(seqs, upTo(6, 306))
  assert.deepEqual(bench.server.framesOf('hello').at(-1)?.heads, [{ conversationId: id, seq: 5 }])
  assert.equal(bench.server.framesOf('catch_up').length, 0, 'hello has said it all')
  alice.close()
})

test('too large a gap drops one conversation and loads its last page; others are not affected', async () => {
  const bench = createTestBench()
  const far = bench.group(['alice', 'bob'], 4).id
  const near = bench.group(['alice', 'bob'], 4).id
  const alice = bench.client('alice')
  await alice.connect()
  const [farTrip, nearTrip] = [alice.conversation(far), alice.conversation(near)]
  const [farSeqs, nearSeqs] = [listen(farTrip), listen(nearTrip)]
  const resets: number[] = []
  farTrip.on('reset', ({ seq }) => resets.push(seq))
  await farTrip.history()
  await nearTrip.history()
  await whileAway(bench, () => {
    for (let n = 1; n <= 3_000; n++) bench.server.append(far, 'bob', `missed ${String(n)}`)
    bench.server.append(near, 'bob', 'one')
  })
  assert.deepEqual(resets, [3_005])
  assert.equal(farTrip.messages.length, 50)
  assert.equal(farTrip.messages.at(-1)?.text, 'missed 3000')
  assert.equal(farTrip.hasOlder, true)
  bench.server.append(far, 'bob', 'live again')
  await bench.clock.settle()
  assert.deepEqual(farSeqs, [3_006])
  assert.deepEqual(nearSeqs, [6])
  assert.equal(nearTrip.messages.length, 5)
  alice.close()
})

test('a message on its way survives too large a gap', async () => {
  const bench = createTestBench()
  const { id } = bench.group(['alice', 'bob'], 1)
  const alice = bench.client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  listen(trip)
  bench.network.isDown = true
  bench.network.cutAll()
  await bench.clock.settle()
  const sending = trip.send('written in a tunnel')
  for (let n = 1; n <= 600; n++) bench.server.append(id, 'bob', `missed ${String(n)}`)
  assert.deepEqual(
    trip.messages.map(({ text, local }) => [text, local?.state]),
    [['written in a tunnel', 'pending']],
  )
  bench.network.isDown = false
  const { seq } = await bench.clock.until(sending)
  await bench.clock.settle()
  const own = trip.messages.filter(({ mine }) => mine)
  assert.deepEqual(
    own.filter(({ text }) => text === 'written in a tunnel').map((message) => message.seq),
    [seq],
  )
  alice.close()
})

test('what a live session drops is found by the next announced head', async () => {
  const bench = createTestBench()
  const conversation = bench.group(['alice', 'bob'])
  const { id } = conversation
  const alice = bench.client('alice')
  await alice.connect()
  const seqs = listen(alice.conversation(id))
  bench.server.onLive = () => undefined
  for (let n = 1; n <= 3; n++) bench.server.append(id, 'bob', 'dropped')
  await bench.clock.settle()
  assert.deepEqual(seqs, [])
  const { seq, ordinal } = conversation.head
  bench.server.pushAll({ type: 'heads', heads: [{ conversationId: id, seq, ordinal }] })
  await bench.clock.settle()
  assert.deepEqual(seqs, [2, 3, 4])
  alice.close()
})

test('a sender whose own event is dropped asks for it', async () => {
  const bench = createTestBench()
  const { id } = bench.group(['alice', 'bob'])
  const alice = bench.client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  const seqs = listen(trip)
  bench.server.onLive = () => undefined
  await trip.send('Hello')
  await bench.clock.advance(1_000)
  assert.deepEqual(seqs, [2])
  assert.deepEqual(
    trip.messages.map(({ seq, local }) => [seq, local]),
    [[2, undefined]],
  )
  alice.close()
})

test('a conversation the server cannot replay follows later', async () => {
  const bench = createTestBench()
  const { id } = bench.group(['alice', 'bob'])
  const alice = bench.client('alice')
  await alice.connect()
  const seqs = listen(alice.conversation(id))
  let isOwnerAway = true
  bench.server.onRequest = (frame) =>
    frame.type === 'catch_up' && isOwnerAway ? new ChatError('unavailable', 'no owner') : undefined
  bench.server.onLive = () => undefined
  bench.server.append(id, 'bob', 'missed')
  bench.server.pushAll({ type: 'behind', conversationId: id })
  await bench.clock.advance(5_000)
  assert.deepEqual(seqs, [])
  isOwnerAway = false
  await bench.clock.advance(30_000)
  assert.deepEqual(seqs, [2])
  alice.close()
})

test('somebody just added hears of the conversation from its first live event on', async () => {
  const bench = createTestBench()
  const conversation = bench.group(['bob'], 7)
  const { id } = conversation
  const alice = bench.client('alice')
  await alice.connect()
  assert.equal(alice.inbox.conversations.length, 0)
  const heard: string[] = []
  alice.on('event', ({ conversation: { title }, event }) => {
    heard.push(`${title ?? ''} ${String(event.seq)} ${event.content.kind}`)
  })
  conversation.title = 'Trip'
  conversation.members.add(user('alice'))
  bench.server.announce(
    id,
    conversation.append(user('bob'), { kind: 'members_added', userIds: [user('alice')] }),
  )
  bench.server.append(id, 'bob', 'Welcome')
  await bench.clock.settle()
  assert.deepEqual(heard, ['Trip 9 members_added', 'Trip 10 message_sent'])
  assert.deepEqual(
    alice.inbox.conversations.map(({ conversationId }) => conversationId),
    [id],
  )
  alice.close()
})

test('hello tells of 60 conversations, those somebody looks at first', async () => {
  const bench = createTestBench()
  const ids = Array.from({ length: 90 }, () => bench.group(['alice', 'bob'], 1).id)
  const alice = bench.client('alice')
  await alice.connect()
  await bench.clock.settle()
  const [oldest] = ids
  assert.ok(oldest)
  const seqs = listen(alice.conversation(oldest))
  const others = ids.slice(1).map((id) => listen(alice.conversation(id)))
  await whileAway(bench, () => {
    for (const id of ids) bench.server.append(id, 'bob', 'missed')
  })
  const heads = bench.server.framesOf('hello').at(-1)?.heads ?? []
  assert.equal(heads.length, 60)
  assert.deepEqual(seqs, [3])
  assert.deepEqual(
    others,
    others.map(() => [3]),
    'those hello did not tell of are caught up as well',
  )
  alice.close()
})

test('conversations nobody looks at are not fetched, only their lines are', async () => {
  const bench = createTestBench()
  const { id } = bench.group(['alice', 'bob'], 2)
  const alice = bench.client('alice')
  await alice.connect()
  await bench.clock.settle()
  bench.server.onLive = () => undefined
  await whileAway(bench, () => {
    for (let n = 1; n <= 30; n++) bench.server.append(id, 'bob', 'missed')
  })
  assert.equal(bench.server.framesOf('catch_up').length, 0)
  assert.equal(alice.inbox.get(id)?.unread, 32)
  alice.close()
})

test('a conversation the user was removed from meanwhile is dropped', async () => {
  const bench = createTestBench()
  const conversation = bench.group(['alice', 'bob'], 2)
  const alice = bench.client('alice')
  await alice.connect()
  const trip = alice.conversation(conversation.id)
  await trip.history()
  assert.equal(trip.messages.length, 2)
  await whileAway(bench, () => {
    conversation.members.delete(user('alice'))
  })
  assert.equal(trip.messages.length, 0)
  assert.deepEqual(alice.inbox.conversations, [])
  alice.close()
})

test('a conversation that turns out not to be the user’s any more is dropped', async () => {
  const bench = createTestBench()
  const conversation = bench.group(['alice', 'bob'], 2)
  const { id, head } = conversation
  const alice = bench.client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  await trip.history()
  bench.server.onRequest = ({ type }) =>
    type === 'catch_up' ? new ChatError('not_a_member', 'no') : undefined
  const heads = [{ conversationId: id, seq: head.seq + 1, ordinal: head.ordinal }]
  bench.server.pushAll({ type: 'heads', heads })
  await bench.clock.settle()
  assert.equal(trip.messages.length, 0)
  assert.deepEqual(alice.inbox.conversations, [])
  await bench.clock.advance(60_000)
  assert.equal(bench.server.framesOf('catch_up').length, 1)
  alice.close()
})

test('an event of a kind that this version does not know counts, and shows nothing', async () => {
  const bench = createTestBench()
  const conversation = bench.group(['alice', 'bob'])
  const { id } = conversation
  const alice = bench.client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  const seqs = listen(trip)
  await trip.history()
  bench.server.announce(id, conversation.append(user('bob'), { kind: 'unknown' }))
  bench.server.append(id, 'bob', 'after it')
  await bench.clock.settle()
  assert.deepEqual(seqs, [2, 3])
  assert.deepEqual(
    [trip.messages.length, trip.notices.length],
    [1, 1],
    'the message, and the creation of the conversation',
  )
  assert.equal((await trip.history()).events.length, 3)
  assert.equal(trip.entry?.unread, 1)
  alice.close()
})

test('a message held as it was before a change that does not say what it is now is read again', async () => {
  const bench = createTestBench()
  const conversation = bench.group(['alice', 'bob'], 2)
  const { id } = conversation
  const alice = bench.client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  const file = { id: newAttachmentId(), name: 'a', sizeBytes: 9, contentType: 'image/jpeg' }
  const attachment = { ...file, version: 1, state: 'processing' } as const
  const body = { version: 1, text: 'helo' }
  const say = { kind: 'message_sent', body, attachments: [attachment] } as const
  const sent = conversation.append(user('bob'), say)
  bench.server.announce(id, sent)
  await bench.clock.settle()
  const target = sent.seq
  const change = (content: Extract<EventContent, { readonly target: number }>): void => {
    const event = conversation.append(user('bob'), content)
    const { kind } = content
    bench.server.announce(id, { ...event, content: { kind, target } as EventContent })
  }
  const shown = () => {
    const message = trip.messages.at(-1)
    return [message?.text, message?.attachments[0]?.state]
  }
  assert.deepEqual(shown(), ['helo', 'processing'])
  change({ kind: 'message_edited', target, body: { version: 1, text: 'hello' } })
  await bench.clock.settle()
  assert.deepEqual(shown(), ['hello', 'processing'])
  assert.deepEqual(trip.entry?.lastMessage?.content, {
    ...say,
    body: { version: target + 1, text: 'hello' },
  })
  const ready = { ...attachment, version: 2, state: 'ready' } as const
  change({ kind: 'attachment_updated', target, attachment: ready })
  await bench.clock.settle()
  assert.deepEqual(shown(), ['hello', 'ready'])
  assert.equal(bench.server.framesOf('history').length, 2)
  alice.close()
})

test('messages of conversations nobody asked for are not kept, nor those of too many', async () => {
  const bench = createTestBench()
  const ids = Array.from({ length: 102 }, () => bench.group(['alice', 'bob']).id)
  const alice = bench.client('alice')
  await alice.connect()
  await alice.inbox.loadMore()
  const [unopened, listened, first] = ids
  assert.ok(unopened && listened && first)
  bench.server.append(unopened, 'bob', 'nobody looks')
  await bench.clock.settle()
  assert.equal(alice.inbox.get(unopened)?.unread, 1)
  const seqs = listen(alice.conversation(listened))
  const opened = alice.conversation(first)
  bench.server.append(listened, 'bob', 'kept')
  bench.server.append(first, 'bob', 'dropped')
  await bench.clock.settle()
  assert.equal(opened.messages.length, 1)
  for (const id of ids.slice(4)) alice.conversation(id)
  assert.equal(opened.messages.length, 1, 'there is room for a hundred')
  assert.equal(alice.conversation(unopened).messages.length, 0)
  assert.equal(opened.messages.length, 0)
  assert.equal(alice.conversation(listened).messages.length, 1)
  assert.deepEqual(seqs, [2])
  alice.close()
})

test('one message is read as it is now, and does not become part of what is loaded', async () => {
  const { client, clock, group, server } = createTestBench()
  const { id } = group(['alice', 'bob'], 200)
  const [alice, bob] = [client('alice'), client('bob')]
  await Promise.all([alice.connect(), bob.connect()])
  const trip = bob.conversation(id)
  await trip.history({ limit: 20 })
  const { seq } = await alice.conversation(id).send('edited later')
  await alice.conversation(id).edit(seq, { text: 'edited' })
  await clock.settle()
  const loaded = trip.messages.length
  assert.equal((await trip.message(7))?.text, 'old 6')
  assert.equal((await trip.message(seq))?.text, 'edited')
  assert.equal(await trip.message(server.conversation(id).seq), undefined, 'an edit is no message')
  assert.equal(trip.messages.length, loaded)
  alice.close()
  bob.close()
})
