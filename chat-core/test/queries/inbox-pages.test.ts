import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ChatError, type ConversationId, type InboxEntry } from '@satchel/protocol'
import { readInbox } from '../../src/queries/read-inbox.ts'
import { Actor, startChatCore } from '../support/chat-core-process.ts'
import { ManualClock } from '../support/manual-clock.ts'

it('pages through conversations that were all written to in the same moment', async (t) => {
  const clock = new ManualClock()
  const core = await startChatCore(t, { clock })
  const alice = new Actor(core, 'alice')
  const created = await Promise.all(Array.from({ length: 250 }, () => alice.createGroup()))
  clock.advance(1_000)
  const newest = await alice.createGroup()
  const seen: ConversationId[] = []
  let last: InboxEntry | undefined
  for (let page = 0, more = true; more && page < 10; page++) {
    const cursor = { beforeMs: last?.head.timeMs, beforeId: last?.conversationId }
    const read = await readInbox(core.backend, alice.userId, { ...cursor, limit: 100 })
    seen.push(...read.conversations.map(({ conversationId }) => conversationId))
    last = read.conversations.at(-1)
    more = read.more
  }
  assert.deepEqual(seen, [newest, ...created.toSorted()])
})

it('leaves out nobody’s line because of a store that cannot be read', async (t) => {
  const core = await startChatCore(t)
  const alice = new Actor(core, 'alice')
  await alice.createGroup()
  const unreadable = new ChatError('unavailable', 'the store cannot be reached')
  const { members } = core.backend
  const failing = { ...members, membership: () => Promise.reject(unreadable) }
  await assert.rejects(
    readInbox({ ...core.backend, members: failing }, alice.userId, {}),
    unreadable,
  )
})
