import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import {
  newConversationId,
  type ConversationSettings,
  type RequestedCommand,
} from '@satchel/protocol'
import { OUTBOUND_STEPS } from '../src/socket/outbound-flusher.ts'
import type { SocketClient } from './socket-client.ts'
import { openTestCluster } from './test-cluster.ts'
import { openTestServer, userIdOf } from './test-server.ts'

test('who joined after a message hears that it was changed, and not to what', async (t) => {
  const { bob, laptop } = await changeOldMessage(t, {})
  assert.deepEqual(await contentOf(laptop, 4), edited(4, 'the code is 1234'))
  assert.deepEqual(await contentOf(bob, 4), { kind: 'message_edited', target: 2 })
  assert.deepEqual(await contentOf(bob, 6), edited(6, 'hello bob', 5))
  assert.deepEqual(
    bob.of('event').map(({ event }) => event.seq),
    [3, 4, 5, 6],
  )
})

test('where newcomers see the history they also hear what becomes of it', async (t) => {
  const { bob } = await changeOldMessage(t, { historyForNewcomers: true })
  assert.deepEqual(await contentOf(bob, 4), edited(4, 'the code is 1234'))
})

test('the same holds for somebody who was away and came back', async (t) => {
  const { server, group, alice } = await changeOldMessage(t, {})
  const bob = await server.signIn('bob')
  const change = { kind: 'edit_message', target: 2, text: 'the code is 9999' } as const
  await alice.command({ conversationId: group }, change)
  assert.deepEqual(await contentOf(bob, 7), { kind: 'message_edited', target: 2 })
})

test('a conversation of which the bus lost everything is told of even to a slow reader', async (t) => {
  const { one, other } = await openTestCluster(t, {
    // Everything that waits at all is too much for signals.
    outboundSteps: { ...OUTBOUND_STEPS, signalsStopBytes: -1 },
  })
  one.weather.loses = ({ type }) => type === 'events'
  const [alice, bob] = [await other.signIn('alice'), await one.signIn('bob')]
  const conversationId = await alice.group(userIdOf('bob'))
  const { heads } = await bob.until('heads')
  assert.deepEqual(heads, [{ conversationId, seq: 1, ordinal: 0 }])
})

/** Alice says something (2), adds Bob (3), changes it (4), says something to Bob (5) and changes that (6). */
async function changeOldMessage(t: TestContext, settings: ConversationSettings) {
  const server = await openTestServer(t)
  const [alice, laptop] = [await server.signIn('alice'), await server.signIn('alice')]
  const bob = await server.signIn('bob')
  const group = newConversationId('group')
  const ask = (command: RequestedCommand): Promise<unknown> =>
    alice.command({ conversationId: group }, command)
  await ask({ kind: 'create_conversation', conversationKind: 'group', settings })
  await ask({ kind: 'send_message', text: 'the code is 1243' })
  await ask({ kind: 'add_members', userIds: [userIdOf('bob')] })
  await ask({ kind: 'edit_message', target: 2, text: 'the code is 1234' })
  await ask({ kind: 'send_message', text: 'helo bob' })
  await ask({ kind: 'edit_message', target: 5, text: 'hello bob' })
  return { server, alice, laptop, bob, group }
}

function edited(seq: number, text: string, target = 2) {
  return { kind: 'message_edited', target, body: { version: seq, text } }
}

async function contentOf(client: SocketClient, seq: number) {
  const { event } = await client.until('event', (frame) => frame.event.seq === seq)
  return event.content
}
