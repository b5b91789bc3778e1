import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { UserId } from '@satchel/protocol'
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
