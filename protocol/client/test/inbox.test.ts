import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestBench, user } from './support/test-bench.ts'

test('lines are ordered by their newest event and count what is unread', async () => {
  const { client, clock, server, group } = createTestBench()
  const first = group(['alice', 'bob'], 2).id
  await clock.advance(1_000)
  const second = group(['alice', 'bob']).id
  const alice = client('alice')
  let changes = 0
  alice.inbox.on('change', () => changes++)
  await alice.connect()
  await clock.settle()
  const order = () => alice.inbox.conversations.map(({ conversationId }) => conversationId)
  assert.deepEqual(order(), [second, first])
  assert.equal(changes, 1, 'what comes together is told once')
  await clock.advance(1_000)
  server.append(first, 'bob', 'newest')
  await clock.settle()
  assert.deepEqual(order(), [first, second])
  const line = alice.inbox.get(first)
  assert.equal(line?.unread, 3)
  const { lastMessage } = line
  assert.equal(
    lastMessage?.content.kind === 'message_sent' ? lastMessage.content.body.text : '',
    'newest',
  )
  assert.equal(alice.inbox.unread, 3)
  alice.close()
})

test('reading takes effect at once, is sent once a second at most, and never goes back', async () => {
  const { client, clock, server, group } = createTestBench()
  const { id } = group(['alice', 'bob'], 5)
  const alice = client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  await trip.history()
  await trip.markRead(3)
  assert.equal(trip.entry?.unread, 3)
  await trip.markRead(5)
  await trip.markRead(4)
  assert.equal(trip.entry.unread, 1)
  await clock.settle()
  assert.deepEqual(
    server.framesOf('mark').map(({ seq }) => seq),
    [3],
  )
  await clock.advance(1_000)
  assert.deepEqual(
    server.framesOf('mark').map(({ seq }) => seq),
    [3, 5],
  )
  await clock.advance(5_000)
  assert.equal(server.framesOf('mark').length, 2)
  alice.close()
})

test('a mark made without a connection is sent with the next one', async () => {
  const { client, clock, network, server, group } = createTestBench()
  const { id } = group(['alice', 'bob'], 3)
  const alice = client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  await clock.settle()
  network.cutAll()
  await clock.settle()
  await trip.markRead(4)
  assert.equal(trip.entry?.unread, 0)
  await clock.advance(1_000)
  assert.deepEqual(
    server.framesOf('mark').map(({ seq }) => seq),
    [4],
  )
  assert.equal(trip.entry.unread, 0, 'the welcome that did not know of it takes nothing back')
  alice.close()
})

test('whoever shows a conversation hears when its line comes and when it changes', async () => {
  const { client, clock, server, group } = createTestBench()
  const alice = client('alice')
  await alice.connect()
  const { id } = group(['alice', 'bob'])
  const trip = alice.conversation(id)
  const seen: string[] = []
  trip.on('change', () => {
    const { entry } = trip
    seen.push(entry === undefined ? 'none' : `muted until ${entry.memberSettings?.mutedUntilMs}`)
  })
  await clock.settle()
  const settings = { mutedUntilMs: 7_000 }
  server.pushAll({ type: 'member_settings', conversationId: id, settings })
  await clock.settle()
  assert.deepEqual(seen, ['muted until undefined', 'muted until 7000'])
  alice.close()
})

test("what was read on another device, or by others, comes as the server's mark", async () => {
  const { client, clock, server, group } = createTestBench()
  const { id } = group(['alice', 'bob'], 3)
  const alice = client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  await clock.settle()
  const marks: string[] = []
  trip.on('marks', ({ userId, read, delivered }) => {
    marks.push(`${userId} ${String(read)} ${String(delivered)}`)
  })
  const mark = (userId: string, kind: 'read' | 'delivered', seq: number) => {
    const known = { seq, ordinal: seq - 1 }
    server.pushAll({ type: 'mark', conversationId: id, userId: user(userId), kind, mark: known })
  }
  mark('alice', 'read', 3)
  mark('bob', 'delivered', 4)
  mark('bob', 'read', 2)
  mark('bob', 'read', 1)
  mark('alice', 'read', 2)
  await clock.settle()
  assert.equal(trip.entry?.unread, 1)
  assert.deepEqual(marks, ['alice 3 0', 'bob 0 4', 'bob 2 4'])
  assert.deepEqual(trip.memberMarks.get(user('bob')), { userId: 'bob', read: 2, delivered: 4 })
  alice.close()
})

test('mentions are counted above the mark', async () => {
  const { client, clock, server, group } = createTestBench()
  const conversation = group(['alice', 'bob'])
  const { id } = conversation
  const alice = client('alice')
  await alice.connect()
  const trip = alice.conversation(id)
  await clock.settle()
  const say = (body: { mentions?: ReturnType<typeof user>[]; mentionAll?: boolean }) => {
    const content = { kind: 'message_sent', body: { version: 1, ...body } } as const
    server.announce(id, conversation.append(user('bob'), content))
  }
  say({ mentions: [user('alice')] })
  say({})
  say({ mentionAll: true })
  say({ mentions: [user('carol')] })
  await clock.settle()
  assert.equal(trip.entry?.mentions, 2)
  await trip.markRead(2)
  assert.equal(trip.entry.mentions, 1)
  await trip.markRead(5)
  assert.equal(trip.entry.mentions, 0)
  alice.close()
})

test('sending counts as reading', async () => {
  const { client, clock, group } = createTestBench()
  const { id } = group(['alice', 'bob'], 3)
  const alice = client('alice')
  await alice.connect()
  await alice.conversation(id).send('Hello')
  await clock.settle()
  assert.equal(alice.inbox.get(id)?.unread, 0)
  alice.close()
})

test('edits, titles and members change the line; leaving removes it', async () => {
  const { client, clock, server, group } = createTestBench()
  const { id } = group(['alice', 'bob'], 1)
  const alice = client('alice')
  const bob = client('bob')
  await Promise.all([alice.connect(), bob.connect()])
  const trip = bob.conversation(id)
  await clock.settle()
  const { seq } = await trip.send('Hello')
  await trip.edit(seq, { text: 'Hello all' })
  await trip.update({ title: 'Summer' })
  await trip.addMembers(['carol'])
  await trip.pin(seq)
  await clock.settle()
  const line = alice.inbox.get(id)
  const content = line?.lastMessage?.content
  assert.equal(content?.kind === 'message_sent' ? content.body.text : '', 'Hello all')
  assert.equal(line?.title, 'Summer')
  assert.equal(line.memberCount, 3)
  assert.deepEqual(line.pins, [seq])
  await trip.delete(seq)
  await clock.settle()
  const deleted = alice.inbox.get(id)?.lastMessage?.content
  assert.equal(deleted?.kind === 'message_sent' && deleted.body.deleted, true)
  await alice.conversation(id).leave()
  await clock.settle()
  assert.equal(alice.inbox.get(id), undefined)
  assert.equal(bob.inbox.get(id)?.memberCount, 2)
  assert.equal(server.conversation(id).members.has(user('alice')), false)
  const carol = user('carol')
  server.announce(id, server.conversation(id).append(carol, { kind: 'user_erased', userId: carol }))
  await clock.settle()
  assert.equal(bob.inbox.get(id)?.memberCount, 1)
  alice.close()
  bob.close()
})

test('a line that was read after an event has counted it', async () => {
  const { client, clock, group, server } = createTestBench()
  const conversation = group(['alice', 'bob'])
  const { id } = conversation
  const alice = client('alice')
  await clock.until(alice.connect())
  const known = alice.inbox.get(id)
  assert.ok(known)
  const carol = user('carol')
  const added = conversation.append(user('bob'), { kind: 'members_added', userIds: [carol] })
  const head = { seq: added.seq, ordinal: added.ordinal, timeMs: added.timeMs }
  alice.inbox.applyEntry({ ...known, head, memberCount: 3 })
  server.announce(id, added)
  await clock.settle()
  assert.equal(alice.inbox.get(id)?.memberCount, 3)
  alice.close()
})

test('older lines come by page', async () => {
  const { client, clock, group } = createTestBench()
  for (let n = 0; n < 130; n++) {
    group(['alice', 'bob'])
    await clock.advance(10)
  }
  const alice = client('alice')
  await alice.connect()
  assert.equal(alice.inbox.conversations.length, 100)
  assert.equal(alice.inbox.hasMore, true)
  assert.equal(await alice.inbox.loadMore(), false)
  assert.equal(alice.inbox.conversations.length, 130)
  alice.close()
})

test('lines of the same time come by page, each once', async () => {
  const { client, group } = createTestBench()
  for (let n = 0; n < 250; n++) group(['alice', 'bob'])
  const alice = client('alice')
  await alice.connect()
  assert.equal(await alice.inbox.loadMore(), true)
  assert.equal(await alice.inbox.loadMore(), false)
  assert.equal(alice.inbox.conversations.length, 250)
  alice.close()
})

test('whoever was away while every conversation went on has all lines as they are now', async () => {
  const { client, clock, group, network, server } = createTestBench()
  for (let n = 0; n < 250; n++) group(['alice', 'bob'])
  const alice = client('alice')
  await alice.connect()
  while (await alice.inbox.loadMore());
  network.isDown = true
  network.cutAll()
  // What the client says it has seen is its newest: these go on last, and are not what is oldest now.
  const order = alice.inbox.conversations.map(({ conversationId }) => conversationId)
  for (const id of [...order.slice(60), ...order.slice(0, 60)]) {
    await clock.advance(1)
    server.append(id, 'bob', 'while away')
  }
  network.isDown = false
  await clock.advance(60_000)
  const current = alice.inbox.conversations.filter(({ lastMessage }) => lastMessage?.seq === 2)
  assert.equal(current.length, 250)
  alice.close()
})
