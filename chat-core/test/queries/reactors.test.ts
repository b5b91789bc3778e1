import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  newConversationId,
  type ConversationId,
  type ReactionCount,
  type UserId,
} from '@satchel/protocol'
import { catchUp } from '../../src/queries/catch-up.ts'
import { readConversation } from '../../src/queries/read-inbox.ts'
import { readHistory } from '../../src/queries/read-history.ts'
import { Actor, startChatCore, type ChatCoreProcess } from '../support/chat-core-process.ts'

it('readers of a channel see how many reacted and whether they did, not who else reads it', async (t) => {
  const core = await startChatCore(t)
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => new Actor(core, name))
  assert.ok(alice && bob && carol)
  const news = newConversationId('channel')
  await alice.ask(news, { kind: 'create_conversation', conversationKind: 'channel' })
  await alice.say(news, 'hello')
  for (const reader of [bob, carol]) {
    await core.backend.followers.follow(news, reader.userId, 2)
    await reader.ask(news, { kind: 'react', target: 2, emoji: '👍' })
  }
  for (const { userId } of [bob, carol])
    assert.deepEqual(await reactionsSeen(core, userId, news), everywhere({ mine: true }))
  assert.deepEqual(await reactionsSeen(core, alice.userId, news), everywhere({ mine: false }))
})

it('members of a small group see who reacted', async (t) => {
  const core = await startChatCore(t)
  const [alice, bob] = [new Actor(core, 'alice'), new Actor(core, 'bob')]
  const trip = await alice.createGroup('bob')
  await alice.say(trip, 'hello')
  for (const member of [alice, bob])
    await member.ask(trip, { kind: 'react', target: 2, emoji: '👍' })
  const seen = await reactionsSeen(core, bob.userId, trip)
  assert.deepEqual(seen, everywhere({ userIds: [alice.userId, bob.userId] }))
})

/** As a page, catching up and the inbox show them. */
function everywhere(who: Pick<ReactionCount, 'userIds' | 'mine'>) {
  return Array.from({ length: 3 }, () => [{ emoji: '👍', count: 2, ...who }])
}

async function reactionsSeen(core: ChatCoreProcess, userId: UserId, id: ConversationId) {
  const { backend } = core
  const page = await readHistory(backend, userId, id, { around: 2, limit: 2 })
  const missed = await catchUp(backend, userId, id, 1)
  const { lastMessage } = await readConversation(backend, userId, id)
  assert.equal(missed.kind, 'events')
  return [page.events, missed.events, lastMessage === undefined ? [] : [lastMessage]].map(
    (events) => {
      const message = events.find(({ seq }) => seq === 2)
      return message?.content.kind === 'message_sent' ? message.content.reactions : undefined
    },
  )
}
