import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestBench, user } from './support/test-bench.ts'

test('the first message to a person makes the conversation, for which one object stands throughout', async () => {
  const bench = createTestBench()
  const alice = bench.client('alice')
  const bob = bench.client('bob')
  await Promise.all([alice.connect(), bob.connect()])
  const toBob = alice.direct('bob')
  const seqs: number[] = []
  toBob.on('event', ({ seq }) => seqs.push(seq))
  assert.equal(toBob.id, undefined)
  assert.equal(toBob.kind, 'direct')
  assert.deepEqual(await toBob.history(), { messages: [], events: [], more: false })
  const first = toBob.send('Hi')
  assert.deepEqual(
    toBob.messages.map(({ text, local }) => [text, local?.state]),
    [['Hi', 'pending']],
  )
  const second = toBob.send('Bob?')
  assert.deepEqual(await Promise.all([first, second]), [{ seq: 2 }, { seq: 3 }])
  await bench.clock.settle()
  assert.ok(toBob.id)
  assert.equal(alice.conversation(toBob.id), toBob)
  assert.equal(alice.direct('bob'), toBob)
  assert.deepEqual(seqs, [1, 2, 3])
  assert.deepEqual(
    toBob.messages.map(({ text, local }) => [text, local]),
    [
      ['Hi', undefined],
      ['Bob?', undefined],
    ],
  )
  const [line] = bob.inbox.conversations
  assert.equal(line?.peerId, 'alice')
  assert.equal(bob.direct('alice').id, toBob.id)
  assert.equal((await bob.direct('alice').send('Yes')).seq, 4)
  await bench.clock.settle()
  assert.deepEqual(seqs, [1, 2, 3, 4])
  alice.close()
  bob.close()
})

test('a message to a person that was cut off arrives once', async () => {
  const { client, clock, network, server } = createTestBench()
  for (let cut = 1; cut <= 8; cut++) {
    const name = `friend${String(cut)}`
    const alice = client('alice')
    await clock.until(alice.connect())
    await clock.settle()
    network.cuts = [network.frames + cut]
    const friend = alice.direct(name)
    const sends = [friend.send('one'), friend.send('two')]
    assert.deepEqual(await clock.until(Promise.all(sends)), [{ seq: 2 }, { seq: 3 }])
    await clock.advance(10_000)
    assert.ok(friend.id)
    assert.equal(server.conversation(friend.id).seq, 3)
    assert.deepEqual(
      friend.messages.map(({ text, local }) => [text, local]),
      [
        ['one', undefined],
        ['two', undefined],
      ],
    )
    alice.close()
  }
})

test('a conversation with a person that is already in the inbox is found by the person', async () => {
  const { client, clock } = createTestBench()
  const [alice, bob] = [client('alice'), client('bob')]
  await Promise.all([alice.connect(), bob.connect()])
  const early = bob.direct('alice')
  const heard: number[] = []
  early.on('event', ({ seq }) => heard.push(seq))
  await alice.direct('bob').send('Hi')
  await clock.settle()
  assert.ok(early.id, 'the object from before is the conversation now')
  assert.equal(bob.conversation(early.id), early)
  assert.deepEqual(heard, [1, 2])
  assert.equal(early.peerId, 'alice')
  alice.close()
  bob.close()
})

test('an old conversation with a person is found although the inbox does not reach back to it', async () => {
  const { client, clock, group, server } = createTestBench()
  const [alice, early] = [client('alice'), client('alice')]
  await early.connect()
  for (const text of ['one', 'two', 'three']) await early.direct('bob').send(text)
  const id = early.direct('bob').id
  early.close()
  await clock.advance(1_000)
  for (let n = 0; n < 101; n++) group(['alice', 'carol'], 1)
  await alice.connect()
  assert.ok(id)
  assert.equal(alice.inbox.get(id), undefined)
  const toBob = alice.direct('bob')
  const heard: number[] = []
  toBob.on('event', ({ seq }) => heard.push(seq))
  const { messages } = await toBob.history()
  assert.deepEqual(
    messages.map(({ text }) => text),
    ['one', 'two', 'three'],
  )
  assert.equal(toBob.id, id)
  assert.equal(alice.conversation(id), toBob)
  assert.equal(alice.inbox.get(id)?.peerId, 'bob')
  assert.deepEqual(heard, [], 'what was there before is no news')
  server.append(id, user('bob'), 'four')
  await clock.settle()
  assert.deepEqual(heard, [5])
  alice.close()
})

test('a person asked for before there is a connection is looked up with the first one', async () => {
  const { client, clock } = createTestBench()
  const early = client('alice')
  await early.connect()
  await early.direct('bob').send('Hi')
  const id = early.direct('bob').id
  early.close()
  const alice = client('alice')
  const toBob = alice.direct('bob')
  const reading = toBob.history()
  await alice.connect()
  await clock.settle()
  assert.equal(toBob.id, id)
  assert.equal((await reading).messages.length, 1)
  alice.close()
})

test('whoever has never been written to is asked for once per session', async () => {
  const { client, network } = createTestBench()
  const alice = client('alice')
  await alice.connect()
  const toBob = alice.direct('bob')
  assert.deepEqual(await toBob.history(), { messages: [], events: [], more: false })
  const { frames } = network
  assert.deepEqual(await alice.direct('bob').history(), { messages: [], events: [], more: false })
  assert.equal(network.frames, frames)
  assert.equal(toBob.hasOlder, false, 'it begins here')
  alice.close()
})
