import assert from 'node:assert/strict'
import { it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import { followChannel } from '../../src/queries/follow.ts'
import { Actor, startChatCore, userNamed } from '../support/chat-core-process.ts'

it('following a channel begins at its head, and following it again reads nothing', async (t) => {
  const core = await startChatCore(t)
  const alice = new Actor(core, 'alice')
  const bob = userNamed('bob')
  const news = newConversationId('channel')
  await alice.ask(news, { kind: 'create_conversation', conversationKind: 'channel' })
  await alice.say(news, 'before')
  const followed = await followChannel(core.backend, bob, news)
  assert.deepEqual([followed.joinedSeq, followed.unread], [2, 0])
  await alice.say(news, 'after')
  const again = await followChannel(core.backend, bob, news)
  assert.deepEqual([again.joinedSeq, again.unread], [2, 1])
})
