import assert from 'node:assert/strict'
import { it } from 'node:test'
import { newConversationId, type UserId } from '@satchel/protocol'
import type { Inbox } from '../../src/ports/inbox.ts'
import { areAcquainted } from '../../src/queries/read-users.ts'
import { Actor, startChatCore, userNamed } from '../support/chat-core-process.ts'

it('knows who shares a conversation, however many each has, with few questions', async (t) => {
  const core = await startChatCore(t)
  const [alice, bob] = [new Actor(core, 'alice'), new Actor(core, 'bob')]
  await Promise.all(Array.from({ length: 150 }, () => alice.createGroup()))
  await Promise.all(Array.from({ length: 150 }, () => bob.createGroup()))
  await alice.createGroup('bob', 'carol')
  const strangers = Array.from({ length: 60 }, (_, index) => userNamed(`stranger-${index}`))
  const inbox = new CountedInbox(core.backend.inbox)
  const asked = [...strangers, userNamed('carol'), bob.userId, alice.userId]
  assert.deepEqual(await areAcquainted({ inbox }, alice.userId, asked), asked.slice(60))
  assert.ok(inbox.questions <= 80, `${inbox.questions} questions`)
})

it('looks at so many conversations and no more, however many those asked about are in', async () => {
  let looked = 0
  const inbox: Inbox = {
    list: (userId, { limit }) => {
      const rows = userId === 'alice' ? 0 : limit
      looked += rows
      return Promise.resolve(
        Array.from({ length: rows }, () => ({
          conversationId: newConversationId('group'),
          joinedSeq: 1,
        })),
      )
    },
  }
  const popular = Array.from({ length: 64 }, (_, index) => userNamed(`popular-${index}`))
  assert.deepEqual(await areAcquainted({ inbox }, userNamed('alice'), popular), [])
  assert.ok(looked <= 11_000, `${looked} conversations`)
})

it('lets others have their turn while it looks', async (t) => {
  const core = await startChatCore(t)
  const turns: string[] = []
  setImmediate(() => turns.push('somebody else'))
  await core.backend.inbox.list(userNamed('alice'), { limit: 1 })
  turns.push('the conversations')
  assert.deepEqual(turns, ['somebody else', 'the conversations'])
})

class CountedInbox implements Inbox {
  questions = 0
  readonly #inbox: Inbox

  constructor(inbox: Inbox) {
    this.#inbox = inbox
  }

  list(userId: UserId, options: Parameters<Inbox['list']>[1]): ReturnType<Inbox['list']> {
    this.questions++
    return this.#inbox.list(userId, options)
  }
}
