import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConversationId, UserId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import { ConversationHistory } from '../support/conversation-history.ts'
import { ALICE, newPerson, personNamed } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'conversations' | 'inbox'>

export function describeInbox(name: string, subject: ContractSubject<Ports>): void {
  describe(`inbox, ${name}`, () => {
    it('lists the conversations a user is a member of, and since when', async (test) => {
      const { one, other } = await subject.open(test)
      const bob = newPerson('bob')
      const [mine, left, foreign] = threeHistories(one)
      await mine.commit([], { inbox: [joined(bob, 5)] })
      await left.commit([], { inbox: [joined(bob, 1)] })
      await left.commit([], { inbox: [{ userId: bob, value: undefined }] })
      await foreign.commit([], { inbox: [{ ...joined(bob, 1), userId: newPerson() }] })
      assert.deepEqual(await other.inbox.list(bob, { limit: 10 }), [
        { conversationId: mine.id, joinedSeq: 5 },
      ])
    })

    it('takes somebody who leaves and joins again with the later seq', async (test) => {
      const { one, other } = await subject.open(test)
      const bob = newPerson('bob')
      const [history] = threeHistories(one)
      for (const value of [{ joinedSeq: 1 }, undefined, { joinedSeq: 9 }])
        await history.commit([], { inbox: [{ userId: bob, value }] })
      assert.deepEqual(await other.inbox.list(bob, { limit: 10 }), [
        { conversationId: history.id, joinedSeq: 9 },
      ])
    })

    it('gives all of a long inbox, page by page, each line once', async (test) => {
      const { one, other } = await subject.open(test)
      const bob = newPerson('bob')
      const many = Array.from(
        { length: 25 },
        () => new ConversationHistory(one.conversations, ALICE),
      )
      await Promise.all(many.map((history) => history.commit([], { inbox: [joined(bob, 1)] })))
      const found: ConversationId[] = []
      for (let after: ConversationId | undefined; ;) {
        const page = await other.inbox.list(bob, { after, limit: 10 })
        found.push(...page.map(({ conversationId }) => conversationId))
        after = page.at(-1)?.conversationId
        if (page.length < 10) break
      }
      assert.equal(found.length, 25)
      assert.deepEqual(found.toSorted(), many.map(({ id }) => id).toSorted())
    })

    it('keeps users apart whose ids begin alike', async (test) => {
      const { one, other } = await subject.open(test)
      const bob = newPerson('bob')
      const [short, long] = threeHistories(one)
      await short.commit([], { inbox: [joined(bob, 1)] })
      await long.commit([], { inbox: [joined(personNamed(`${bob}by`), 2)] })
      const lines = await other.inbox.list(bob, { limit: 10 })
      assert.deepEqual(lines, [{ conversationId: short.id, joinedSeq: 1 }])
      assert.deepEqual(await other.inbox.list(personNamed(bob.slice(0, -1)), { limit: 10 }), [])
    })
  })
}

function threeHistories(
  ports: Ports,
): [ConversationHistory, ConversationHistory, ConversationHistory] {
  const history = () => new ConversationHistory(ports.conversations, ALICE)
  return [history(), history(), history()]
}

function joined(userId: UserId, joinedSeq: number) {
  return { userId, value: { joinedSeq } }
}
