import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import { OUTBOUND_STEPS } from '../src/socket/outbound-flusher.ts'
import { openTestCluster } from './test-cluster.ts'
import { userIdOf } from './test-server.ts'

const bob = userIdOf('bob')

test('who is removed while they lag learns that there is something to ask for', async (context) => {
  const { one } = await openTestCluster(context, {
    gateways: 1,
    // Every live event is one too many.
    outboundSteps: { ...OUTBOUND_STEPS, lagBytes: -1 },
  })
  const [alice, client] = [await one.signIn('alice'), await one.signIn('bob')]
  const conversationId = await alice.group(bob)
  await client.until('heads', ({ heads }) => heads[0]?.seq === 1)
  await alice.command({ conversationId }, { kind: 'remove_member', userId: bob })
  await client.until('heads', ({ heads }) => heads[0]?.seq === 2)
  assert.deepEqual(client.seqs(conversationId), [])
  await assert.rejects(client.request('catch_up', { conversationId, seq: 0 }), {
    code: 'not_a_member',
  })
})

test('who was removed in what every session has to fetch for itself learns the same', async (context) => {
  const { one, other } = await openTestCluster(context)
  const [alice, client] = [await other.signIn('alice'), await one.signIn('bob')]
  const carol = await one.signIn('carol')
  const conversationId = newConversationId('channel')
  await alice.command(
    { conversationId },
    {
      kind: 'create_conversation',
      conversationKind: 'channel',
      memberIds: [bob, userIdOf('carol')],
    },
  )
  for (const reader of [client, carol]) await reader.until('event')
  one.weather.loses = (message) =>
    message.type === 'head' ||
    (message.type === 'events' && message.events.some(({ event }) => event.seq <= 3))
  const { seq: target = 0 } = await alice.say(conversationId, 'two')
  // Whose reaction it is, each is told for themselves.
  await alice.command({ conversationId }, { kind: 'react', target, emoji: '🎉' })
  await alice.command({ conversationId }, { kind: 'remove_member', userId: bob })
  await alice.say(conversationId, 'four')
  await carol.until('event', ({ event }) => event.seq === 4)
  await client.until('heads', ({ heads }) => heads[0]?.seq === 4)
  assert.deepEqual(client.seqs(conversationId), [1])
})
