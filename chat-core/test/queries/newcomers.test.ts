import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConversationEvent, UserId } from '@satchel/protocol'
import { catchUp } from '../../src/queries/catch-up.ts'
import { readHistory } from '../../src/queries/read-history.ts'
import { readInbox } from '../../src/queries/read-inbox.ts'
import {
  Actor,
  startChatCore,
  userNamed,
  type ChatCoreProcess,
} from '../support/chat-core-process.ts'

const BOB = userNamed('bob')

describe('who joined after a message', () => {
  it('is told that it was changed, and not to what', async (t) => {
    const core = await startChatCore(t)
    const { trip } = await groupWithOldEdit(core)
    const bare = { kind: 'message_edited', target: 2 }
    assert.deepEqual(contentAt(await caughtUp(core, trip), 4), bare)
    for (const position of [{}, { after: 0 }, { around: 4 }, { before: 5 }]) {
      const { events } = await readHistory(core.backend, BOB, trip, position)
      assert.deepEqual(
        events.map(({ seq }) => seq),
        [3, 4],
      )
      assert.deepEqual(contentAt(events, 4), bare)
    }
  })

  it('is not told that it is pinned', async (t) => {
    const core = await startChatCore(t)
    const { alice, trip } = await groupWithOldEdit(core)
    await alice.say(trip, 'hello bob')
    for (const target of [2, 5]) await alice.ask(trip, { kind: 'pin_message', target })
    const pinsOf = async (userId: UserId) =>
      (await readInbox(core.backend, userId, {})).conversations[0]?.pins
    assert.deepEqual(await pinsOf(alice.userId), [2, 5])
    assert.deepEqual(await pinsOf(BOB), [5])
  })

  it('sees changes of what was said since', async (t) => {
    const core = await startChatCore(t)
    const { alice, trip } = await groupWithOldEdit(core)
    await alice.say(trip, 'helo bob')
    await alice.ask(trip, { kind: 'edit_message', target: 5, text: 'hello bob' })
    const { events } = await readHistory(core.backend, BOB, trip, {})
    assert.deepEqual(contentAt(events, 6), {
      kind: 'message_edited',
      target: 5,
      body: { version: 6, text: 'hello bob' },
    })
  })

  it('sees everything once the conversation opens its history', async (t) => {
    const core = await startChatCore(t)
    const { alice, trip } = await groupWithOldEdit(core)
    await alice.ask(trip, { kind: 'update_conversation', settings: { historyForNewcomers: true } })
    const { events } = await readHistory(core.backend, BOB, trip, { after: 2 })
    assert.deepEqual(contentAt(events, 4), {
      kind: 'message_edited',
      target: 2,
      body: { version: 4, text: 'the code is 1234' },
    })
  })
})

/** Alice said something (2), added Bob (3) and then changed what she had said (4). */
async function groupWithOldEdit(core: ChatCoreProcess) {
  const alice = new Actor(core, 'alice')
  const trip = await alice.createGroup()
  await alice.say(trip, 'the code is 1243')
  await alice.ask(trip, { kind: 'add_members', userIds: [BOB] })
  await alice.ask(trip, { kind: 'edit_message', target: 2, text: 'the code is 1234' })
  return { alice, trip }
}

async function caughtUp(
  core: ChatCoreProcess,
  trip: Awaited<ReturnType<typeof groupWithOldEdit>>['trip'],
): Promise<readonly ConversationEvent[]> {
  const missed = await catchUp(core.backend, BOB, trip, 0)
  assert.equal(missed.kind, 'events')
  return missed.events
}

function contentAt(events: readonly ConversationEvent[], seq: number) {
  return events.find((event) => event.seq === seq)?.content
}
