import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newConversationId, type Mark } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import { ConversationHistory } from '../support/conversation-history.ts'
import { ALICE, BOB, personNamed } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'conversations' | 'marks'>

const NONE: Mark = { seq: 0, ordinal: 0 }

export function describeMarks(name: string, subject: ContractSubject<Ports>): void {
  describe(`marks, ${name}`, () => {
    it('keeps how far a user has read and received, each for itself', async (test) => {
      const { one, other } = await subject.open(test)
      const id = newConversationId('group')
      await one.marks.advance(id, BOB, 'delivered', at(9))
      await one.marks.advance(id, BOB, 'read', at(4))
      assert.deepEqual(await other.marks.readOwn(BOB, [id]), [
        { userId: BOB, read: at(4), delivered: at(9) },
      ])
    })

    it('only grows', async (test) => {
      const { one, other } = await subject.open(test)
      const id = newConversationId('group')
      await one.marks.advance(id, BOB, 'read', at(8))
      await other.marks.advance(id, BOB, 'read', at(5))
      await one.marks.advance(id, BOB, 'read', { seq: 8, ordinal: 1 })
      assert.deepEqual((await other.marks.readOwn(BOB, [id]))[0]?.read, at(8))
    })

    it('ends with the greatest of marks that come at once', async (test) => {
      const { one, other } = await subject.open(test)
      const id = newConversationId('group')
      const seqs = [3, 9, 1, 7, 10, 2]
      await Promise.all(
        seqs.map((seq, index) =>
          (index % 2 === 0 ? one : other).marks.advance(id, BOB, 'read', at(seq)),
        ),
      )
      assert.deepEqual((await one.marks.readOwn(BOB, [id]))[0]?.read, at(10))
    })

    it('takes the marks of commits, which never pull one back', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.commit([], { marks: [{ userId: BOB, mark: at(2) }] })
      assert.deepEqual((await other.marks.readOwn(BOB, [history.id]))[0]?.read, at(2))
      await other.marks.advance(history.id, BOB, 'read', at(6))
      await history.commit([], { marks: [{ userId: BOB, mark: at(3) }] })
      assert.deepEqual((await other.marks.readOwn(BOB, [history.id]))[0]?.read, at(6))
    })

    it('reads unknown marks as nothing, in the order asked', async (test) => {
      const { one, other } = await subject.open(test)
      const [known, unknown] = [newConversationId('group'), newConversationId('group')]
      await one.marks.advance(known, BOB, 'read', at(1))
      const marks = await other.marks.readOwn(BOB, [unknown, known])
      assert.deepEqual(
        marks.map(({ read }) => read),
        [NONE, at(1)],
      )
    })

    it('lists everybody in a conversation, as many as asked for', async (test) => {
      const { one, other } = await subject.open(test)
      const id = newConversationId('group')
      const people = Array.from({ length: 12 }, (_, index) => personNamed(`user-${index}`))
      await Promise.all(
        people.map((userId, index) => one.marks.advance(id, userId, 'read', at(index + 1))),
      )
      await one.marks.advance(newConversationId('group'), BOB, 'read', at(1))
      const all = await other.marks.readAll(id, 100)
      assert.deepEqual(
        new Map(all.map(({ userId, read }) => [userId, read])),
        new Map(people.map((userId, index) => [userId, at(index + 1)])),
      )
      assert.equal((await other.marks.readAll(id, 5)).length, 5)
    })
  })
}

function at(seq: number): Mark {
  return { seq, ordinal: Math.ceil(seq / 2) }
}
