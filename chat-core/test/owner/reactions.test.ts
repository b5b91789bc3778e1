import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ChatError, LIMITS, newConversationId, type ConversationId } from '@satchel/protocol'
import { Actor, startChatCore, type ChatCoreProcess } from '../support/chat-core-process.ts'

const KINDS = Array.from({ length: LIMITS.reactionKindsPerMessage }, (_, index) => `:${index}:`)

describe('reactions to a message', () => {
  it('are of twenty kinds at most, each taken by as many people as like', async (t) => {
    const core = await startChatCore(t)
    const [alice, bob] = [new Actor(core, 'alice'), new Actor(core, 'bob')]
    const trip = await alice.createGroup('bob')
    const { seq: target = 0 } = await alice.say(trip, 'hello')
    for (const emoji of KINDS) await alice.ask(trip, { kind: 'react', target, emoji })
    assert.equal(await refusalOf(bob, trip, target, ':late:'), 'too_many_reactions')
    assert.equal(await refusalOf(bob, trip, target, ':0:'), undefined)
    await alice.ask(trip, { kind: 'react', target, emoji: ':7:', removed: true })
    assert.equal(await refusalOf(bob, trip, target, ':late:'), undefined)
    assert.equal((await kindsOf(core, trip, target)).length, LIMITS.reactionKindsPerMessage)
  })

  it('are shown of twenty kinds, also where more were sent in one go', async (t) => {
    const core = await startChatCore(t)
    const alice = new Actor(core, 'alice')
    const trip = await alice.createGroup()
    const { seq: target = 0 } = await alice.say(trip, 'hello')
    const many = [...KINDS, ':a:', ':b:', ':c:']
    await Promise.all(many.map((emoji) => alice.ask(trip, { kind: 'react', target, emoji })))
    assert.deepEqual(await kindsOf(core, trip, target), KINDS)
  })

  it('to a seq that no conversation reaches are refused like any other', async (t) => {
    const core = await startChatCore(t)
    const alice = new Actor(core, 'alice')
    const trip = await alice.createGroup()
    assert.equal(await refusalOf(alice, trip, Number.MAX_SAFE_INTEGER, ':0:'), 'no_such_message')
  })
})

describe('reactions in a channel', () => {
  it('are for its members and followers, for as long as they are that', async (t) => {
    const core = await startChatCore(t)
    const [alice, reader] = [new Actor(core, 'alice'), new Actor(core, 'reader')]
    const news = newConversationId('channel')
    await alice.ask(news, { kind: 'create_conversation', conversationKind: 'channel' })
    const { seq: target = 0 } = await alice.say(news, 'hello')
    assert.equal(await refusalOf(reader, news, target, ':0:'), 'not_a_member')
    await core.backend.followers.follow(news, reader.userId, target)
    assert.equal(await refusalOf(reader, news, target, ':1:'), undefined)
    assert.equal(await refusalOf(alice, news, target, ':2:'), undefined)
    await core.backend.followers.unfollow(news, reader.userId)
    assert.equal(await refusalOf(reader, news, target, ':3:'), 'not_a_member')
    assert.deepEqual(await kindsOf(core, news, target), [':1:', ':2:'])
  })

  it('come through in one go with what makes the channel', async (t) => {
    const core = await startChatCore(t)
    const alice = new Actor(core, 'alice')
    const news = newConversationId('channel')
    const asked = await Promise.allSettled([
      alice.ask(news, { kind: 'create_conversation', conversationKind: 'channel' }),
      alice.say(news, 'hello'),
      alice.ask(news, { kind: 'react', target: 2, emoji: ':0:' }),
    ])
    assert.deepEqual(
      asked.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'fulfilled'],
    )
  })
})

async function refusalOf(
  actor: Actor,
  id: ConversationId,
  target: number,
  emoji: string,
): Promise<string | undefined> {
  try {
    await actor.ask(id, { kind: 'react', target, emoji })
    return undefined
  } catch (error) {
    return error instanceof ChatError ? error.code : String(error)
  }
}

async function kindsOf(
  core: ChatCoreProcess,
  id: ConversationId,
  seq: number,
): Promise<readonly string[]> {
  const range = { after: seq - 1, upTo: seq, limit: 1 }
  const [event] = await core.backend.timeline.read(id, range)
  if (event?.content.kind !== 'message_sent') return []
  return event.content.reactions?.map(({ emoji }) => emoji) ?? []
}
