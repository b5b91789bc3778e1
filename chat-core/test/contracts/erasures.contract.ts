import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Erasures } from '@satchel/chat-core/ports'
import { newConversationId } from '@satchel/protocol'
import { newPerson } from '../support/people.ts'
import type { OpenedPort } from './opened-port.ts'

/** What every `Erasures` keeps to. */
export function describeErasures(backend: string, open: () => Promise<OpenedPort<Erasures>>): void {
  describe(`erasures, ${backend}`, () => {
    let opened: OpenedPort<Erasures>
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())
    const newErasure = () => ({ userId: newPerson('bob'), askedMs: 1_000, askedBy: 'a1b2' })
    const newGroups = (count: number) =>
      Array.from({ length: count }, () => newConversationId('group'))

    test('an erasure is finished once all is noted and done, over restarts', async () => {
      const erasure = newErasure()
      const { userId } = erasure
      const [first, second] = newGroups(2)
      assert.ok(first && second)
      assert.equal(await opened.port.read(userId), undefined)
      await opened.port.begin(erasure)
      await opened.port.expect(erasure, [first, second])
      await opened.reopen()
      assert.deepEqual(await opened.port.read(userId), {
        ...erasure,
        conversations: { total: 2, done: 0 },
      })
      await opened.port.finish(userId, first, 2_000)
      await opened.port.finish(userId, second, 3_000)
      const unlisted = { ...erasure, conversations: { total: 2, done: 2 } }
      assert.deepEqual(await opened.port.read(userId), unlisted)
      await opened.port.expectNoMore(erasure, 2_500)
      await opened.reopen()
      assert.deepEqual(await opened.port.read(userId), { ...unlisted, finishedMs: 3_000 })
    })

    test('nothing changes when it is said again', async () => {
      const erasure = newErasure()
      const groups = newGroups(3)
      const sayAll = async (nowMs: number): Promise<void> => {
        await opened.port.begin(erasure)
        await opened.port.expect(erasure, groups)
        await opened.port.expectNoMore(erasure, nowMs)
        await Promise.all(groups.map((id) => opened.port.finish(erasure.userId, id, nowMs)))
      }
      await sayAll(2_000)
      await sayAll(9_000)
      const conversations = { total: 3, done: 3 }
      const finished = { ...erasure, conversations, finishedMs: 2_000 }
      assert.deepEqual(await opened.port.read(erasure.userId), finished)
    })

    test('what was not expected is not counted, nor what belongs to others', async () => {
      const [erasure, other] = [newErasure(), newErasure()]
      const [group] = newGroups(1)
      assert.ok(group)
      await opened.port.finish(erasure.userId, group, 1_500)
      await opened.port.begin(erasure)
      await opened.port.begin(other)
      await opened.port.expect(other, [group])
      await opened.port.finish(erasure.userId, group, 2_000)
      await opened.port.expectNoMore(erasure, 2_000)
      assert.deepEqual(await opened.port.read(erasure.userId), {
        ...erasure,
        conversations: { total: 0, done: 0 },
        finishedMs: 2_000,
      })
      assert.deepEqual((await opened.port.read(other.userId))?.conversations, { total: 1, done: 0 })
    })

    test('a later erasure of the same user takes the place of the former', async () => {
      const former = newErasure()
      const later = { ...former, askedMs: 5_000, askedBy: 'c3d4' }
      const groups = newGroups(2)
      await opened.port.begin(former)
      await opened.port.expect(former, groups)
      await opened.port.expectNoMore(former, 2_000)
      for (const id of groups) await opened.port.finish(former.userId, id, 2_000)
      await opened.port.begin(later)
      await opened.port.expect(later, groups.slice(0, 1))
      const begun = { ...later, conversations: { total: 1, done: 0 } }
      assert.deepEqual(await opened.port.read(former.userId), begun)
    })
  })
}
