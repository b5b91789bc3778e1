import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import { ChatError, type ConversationId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import { compareHeads, readInbox } from '../../src/queries/read-inbox.ts'
import { Actor, startChatCore, userNamed } from '../support/chat-core-process.ts'
import { ManualClock } from '../support/manual-clock.ts'

it('a conversation whose owner is away is neither there nor gone', async (t) => {
  const { alice, backend, first, second } = await twoGroups(t)
  const ports = withoutOwnerOf(first, backend, { headIsCached: false })
  const claimed = [first, second].map((conversationId) => ({ conversationId, seq: 1 }))
  const compared = await compareHeads(ports, alice, claimed)
  assert.deepEqual(compared.gone, [])
  assert.deepEqual(compared.unreached, [{ conversationId: first, joinedSeq: 1 }])
  assert.deepEqual(idsOf(compared.all), [second])
  assert.deepEqual(idsOf(compared.moved), [second])
})

it('where only the head is known, a client that has it misses nothing', async (t) => {
  const { alice, backend, first, second } = await twoGroups(t)
  const ports = withoutOwnerOf(first, backend, { headIsCached: true })
  const upToDate = await compareHeads(ports, alice, [{ conversationId: first, seq: 2 }])
  assert.deepEqual(idsOf(upToDate.all), [first, second])
  assert.deepEqual(upToDate.unreached, [])
  const behind = await compareHeads(ports, alice, [{ conversationId: first, seq: 1 }])
  assert.deepEqual(idsOf(behind.all), [second])
  assert.deepEqual(idsOf(behind.unreached), [first])
})

it('a page of the inbox is not given while a line’s place in it is unknown', async (t) => {
  const { alice, backend, first } = await twoGroups(t)
  const ports = withoutOwnerOf(first, backend, { headIsCached: false })
  await assert.rejects(readInbox(ports, alice, {}), { code: 'unavailable' })
})

it('whoever left has nothing there, even while the owner is away', async (t) => {
  const { backend, first, second } = await twoGroups(t)
  const ports = withoutOwnerOf(first, backend, { headIsCached: false })
  const claimed = [first, second].map((conversationId) => ({ conversationId, seq: 1 }))
  const compared = await compareHeads(ports, userNamed('stranger'), claimed)
  assert.deepEqual(compared.gone, [first, second])
})

/** Alice's, the second one older; each stands at seq 2. */
async function twoGroups(t: TestContext) {
  const clock = new ManualClock()
  const core = await startChatCore(t, { clock })
  const alice = new Actor(core, 'alice')
  const second = await alice.createGroup()
  await alice.say(second, 'older')
  clock.advance(1_000)
  const first = await alice.createGroup()
  await alice.say(first, 'newer')
  return { alice: alice.userId, backend: core.backend, first, second }
}

/** As between two owners of one conversation's partition. */
function withoutOwnerOf(
  away: ConversationId,
  backend: Backend,
  { headIsCached }: { readonly headIsCached: boolean },
): Backend {
  const { heads, members } = backend
  const unavailable = new ChatError('unavailable', 'nobody owns the partition')
  return {
    ...backend,
    heads: {
      ...heads,
      read: async (ids) => {
        const found = await heads.read(ids)
        return found.map((head, index) =>
          ids[index] === away && !headIsCached ? 'unreachable' : head,
        )
      },
    },
    members: {
      ...members,
      membership: async (id, userId) => {
        if (id === away) throw unavailable
        return members.membership(id, userId)
      },
    },
  }
}

function idsOf(conversations: readonly { readonly conversationId: ConversationId }[]) {
  return conversations.map(({ conversationId }) => conversationId)
}
