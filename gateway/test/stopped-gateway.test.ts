import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { newOutboxId, type ConversationId } from '@satchel/protocol'
import type { SocketClient } from './socket-client.ts'
import { openTestCluster } from './test-cluster.ts'

const outbox = newOutboxId()

test('what a stopped gateway still had in hand is not applied twice when it wakes', async (context) => {
  const { stopped, awake, group, wake } = await stopWithSends(context, 5)
  const first = await sendAll(awake, group, 1, 12)
  wake()
  // The answers it had the first time, and none of its own.
  assert.deepEqual(await stopped.answers, first.slice(0, 5))
  assert.deepEqual(await textsOf(awake, group), numbers(12))
})

test('what comes after so long that nobody remembers it is too late', async (context) => {
  const { stopped, awake, group, wake } = await stopWithSends(context, 2)
  for (let from = 1; from <= 41; from += 10) await sendAll(awake, group, from, from + 9)
  wake()
  await assert.rejects(stopped.answers, { code: 'too_late' })
  assert.deepEqual(await textsOf(awake, group), numbers(50))
})

test('what comes in between takes nothing out of its order', async (context) => {
  const { stopped, awake, group, wake } = await stopWithSends(context, 10)
  const sent = sendAll(awake, group, 1, 14)
  wake()
  assert.deepEqual(await stopped.answers, (await sent).slice(0, 10))
  assert.deepEqual(await textsOf(awake, group), numbers(14))
})

/** A device sends this much through a gateway that stops with it, and comes back through another one. */
async function stopWithSends(context: TestContext, count: number) {
  const { one, other } = await openTestCluster(context)
  const before = await one.signIn('alice')
  const group = await before.group()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  one.weather.stopped = promise
  const answers = sendAll(before, group, 1, count)
  answers.catch(() => undefined)
  return {
    stopped: { answers },
    awake: await other.signIn('alice'),
    group,
    wake: () => resolve(undefined),
  }
}

/** The same commands as often as they are sent, the first flagged as after a reconnect. */
async function sendAll(client: SocketClient, group: ConversationId, from: number, to: number) {
  const answers = numbers(to)
    .slice(from - 1)
    .map((text, index) =>
      client.request('command', {
        conversationId: group,
        commandId: { outbox, counter: from + index },
        command: { kind: 'send_message', text },
        restart: index === 0 ? true : undefined,
      }),
    )
  return (await Promise.all(answers)).map(({ seq }) => seq)
}

async function textsOf(client: SocketClient, conversationId: ConversationId) {
  const { events } = await client.request('history', { conversationId, limit: 100 })
  return events.flatMap(({ content }) =>
    content.kind === 'message_sent' ? [content.body.text] : [],
  )
}

function numbers(to: number): string[] {
  return Array.from({ length: to }, (_, index) => `number ${index + 1}`)
}
