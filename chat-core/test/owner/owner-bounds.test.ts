import assert from 'node:assert/strict'
import { it } from 'node:test'
import { LIMITS, type ConversationId } from '@satchel/protocol'
import { DEFAULT_OWNER_BOUNDS } from '../../src/owner/owner-room.ts'
import type { ConversationStore } from '../../src/ports/conversation-store.ts'
import { eventually } from '../support/eventually.ts'
import { Actor, startChatCore } from '../support/chat-core-process.ts'

it('lets go of conversations whose remembered answers take too much memory', async (t) => {
  const loads = new CountedLoads()
  const bounds = { ...DEFAULT_OWNER_BOUNDS, maxWeight: 200 }
  const core = await startChatCore(t, { bounds, wrapStore: (store) => loads.around(store) })
  const alice = new Actor(core, 'alice')
  const [trip, work] = [await alice.createGroup(), await alice.createGroup()]
  const devices = Array.from({ length: 10 }, () => new Actor(core, 'alice'))
  for (const device of devices)
    await Promise.all(Array.from({ length: 16 }, (_, index) => device.say(trip, `${index}`)))
  await Promise.all(devices.map((device) => device.say(work, 'hello')))
  const { seq } = await alice.say(trip, 'again')
  assert.equal(seq, 162)
  assert.equal(loads.of(trip), 2)
})

/** How often each conversation was read from the store. */
class CountedLoads {
  readonly #counts = new Map<ConversationId, number>()

  around(store: ConversationStore): ConversationStore {
    return {
      ...store,
      read: (id) => {
        this.#counts.set(id, this.of(id) + 1)
        return store.read(id)
      },
    }
  }

  of(id: ConversationId): number {
    return this.#counts.get(id) ?? 0
  }
}

it('commits a thousand long messages that gathered while the store was busy', async (t) => {
  const gate = Promise.withResolvers<undefined>()
  const core = await startChatCore(t, {
    wrapStore: (store) => ({
      ...store,
      commit: async (commit) => {
        if (commit.events.some(({ seq }) => seq === 2)) await gate.promise
        await store.commit(commit)
      },
    }),
  })
  const alice = new Actor(core, 'alice')
  const trip = await alice.createGroup()
  const long = 'x'.repeat(LIMITS.textBytes)
  const sent = Array.from({ length: 1_100 }, () => alice.say(trip, long))
  await eventually(() => assert.equal(core.submitter.unanswered, 1_100))
  gate.resolve(undefined)
  const seqs = (await Promise.all(sent)).map(({ seq }) => seq)
  assert.deepEqual(
    seqs,
    Array.from({ length: 1_100 }, (_, index) => index + 2),
  )
})
