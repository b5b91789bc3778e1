import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import { ConversationHistory } from '../support/conversation-history.ts'
import { ALICE } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'conversations' | 'heads'>

export function describeHeads(name: string, subject: ContractSubject<Ports>): void {
  describe(`heads, ${name}`, () => {
    it('gives heads in the order asked, nothing for unknown conversations', async (test) => {
      const { one, other } = await subject.open(test)
      const group = new ConversationHistory(one.conversations, ALICE)
      const channel = new ConversationHistory(one.conversations, ALICE, 'channel')
      await group.send(ALICE, 'a', 'b')
      await channel.send(ALICE, 'c')
      const heads = await other.heads.read([channel.id, newConversationId('group'), group.id])
      assert.deepEqual(heads, [channel.head, undefined, group.head])
      assert.deepEqual(await other.heads.read([]), [])
    })

    it('keeps every field of a head', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      const value = {
        ...history.head,
        seq: 2 ** 40,
        ordinal: 2 ** 39,
        membershipSeq: 12,
        memberCount: 10_000,
        fanout: 'large',
        deleted: true,
      } as const
      await one.conversations.commit({ ...history.next([]), rows: [{ row: 'head', value }] })
      assert.deepEqual(await other.heads.read([history.id]), [value])
    })

    it('never goes back', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      const early = history.next([])
      await history.send(ALICE, 'a', 'b')
      await other.conversations.commit(early)
      for (const ports of [one, other])
        assert.deepEqual(await ports.heads.read([history.id]), [history.head])
    })

    it('gives what an owner published at once, and nothing older afterwards', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.send(ALICE, 'a')
      const before = history.head
      await one.heads.publish(new Map([[history.id, before]]))
      await other.heads.read([history.id])
      await history.send(ALICE, 'b')
      await one.heads.publish(new Map([[history.id, history.head]]))
      assert.deepEqual(await other.heads.read([history.id]), [history.head])
      await one.heads.publish(new Map([[history.id, before]]))
      assert.deepEqual(await other.heads.read([history.id]), [history.head])
    })
  })
}
