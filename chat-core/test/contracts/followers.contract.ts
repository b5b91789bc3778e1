import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import { newPerson } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'followers'>

export function describeFollowers(name: string, subject: ContractSubject<Ports>): void {
  describe(`followers, ${name}`, () => {
    it('knows who follows what, and since when', async (test) => {
      const { one, other } = await subject.open(test)
      const bob = newPerson('bob')
      const alice = newPerson('alice')
      const id = newConversationId('channel')
      await one.followers.follow(id, bob, 12)
      const row = { conversationId: id, joinedSeq: 12 }
      assert.deepEqual(await other.followers.read(id, bob), row)
      assert.deepEqual(await other.followers.following(bob, 10), [row])
      assert.equal(await other.followers.read(id, alice), undefined)
      assert.deepEqual(await other.followers.following(alice, 10), [])
    })

    it('changes nothing by following twice, or unfollowing what is not followed', async (test) => {
      const { one, other } = await subject.open(test)
      const bob = newPerson('bob')
      const id = newConversationId('channel')
      await one.followers.unfollow(id, bob)
      await one.followers.follow(id, bob, 12)
      await other.followers.follow(id, bob, 99)
      assert.deepEqual(await one.followers.read(id, bob), { conversationId: id, joinedSeq: 12 })
      assert.equal((await one.followers.following(bob, 10)).length, 1)
    })

    it('starts anew for somebody who comes back', async (test) => {
      const { one, other } = await subject.open(test)
      const bob = newPerson('bob')
      const id = newConversationId('channel')
      await one.followers.follow(id, bob, 1)
      await one.followers.unfollow(id, bob)
      assert.equal(await other.followers.read(id, bob), undefined)
      await one.followers.follow(id, bob, 30)
      assert.deepEqual(await other.followers.read(id, bob), { conversationId: id, joinedSeq: 30 })
    })

    it('lists as many as asked for', async (test) => {
      const { one, other } = await subject.open(test)
      const bob = newPerson('bob')
      const ids = Array.from({ length: 7 }, () => newConversationId('channel'))
      await Promise.all(ids.map((id) => one.followers.follow(id, bob, 1)))
      assert.equal((await other.followers.following(bob, 5)).length, 5)
      const all = await other.followers.following(bob, 50)
      assert.deepEqual(all.map(({ conversationId }) => conversationId).toSorted(), ids.toSorted())
    })
  })
}
