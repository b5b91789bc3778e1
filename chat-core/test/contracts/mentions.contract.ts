import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import { EVERYBODY } from '../../src/domain/index.ts'
import { ConversationHistory } from '../support/conversation-history.ts'
import { ALICE, BOB, personNamed } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'conversations' | 'mentions'>

export function describeMentions(name: string, subject: ContractSubject<Ports>): void {
  describe(`mentions, ${name}`, () => {
    it('counts messages above a seq that mention the user or everybody, each once', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.commit([], {
        mentions: [
          { userId: BOB, seq: 2 },
          { userId: EVERYBODY, seq: 2 },
          { userId: EVERYBODY, seq: 3 },
          { userId: BOB, seq: 300 },
          { userId: ALICE, seq: 4 },
        ],
      })
      const count = (after: number) => other.mentions.count(BOB, history.id, after, 100)
      assert.deepEqual(await Promise.all([0, 1, 2, 3, 299, 300].map(count)), [3, 3, 2, 1, 1, 0])
      assert.equal(await other.mentions.count(personNamed('dora'), history.id, 0, 100), 2)
    })

    it('counts no further than asked', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      const mentions = Array.from({ length: 120 }, (_, index) => ({
        userId: index % 2 === 0 ? BOB : EVERYBODY,
        seq: index + 1,
      }))
      await history.commit([], { mentions })
      assert.equal(await other.mentions.count(BOB, history.id, 0, 100), 100)
      assert.equal(await other.mentions.count(BOB, history.id, 30, 100), 90)
    })

    it('keeps conversations and users apart', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.commit([], { mentions: [{ userId: BOB, seq: 1 }] })
      assert.equal(await other.mentions.count(BOB, newConversationId('group'), 0, 100), 0)
      for (const name of ['bo', 'bobby'])
        assert.equal(await other.mentions.count(personNamed(name), history.id, 0, 100), 0)
    })
  })
}
