import assert from 'node:assert/strict'
import { test } from 'node:test'
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
