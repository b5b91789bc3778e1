import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newConversationId, type EventContent, type UserId } from '@satchel/protocol'
import type { Backend } from '../../src/backends/backend.ts'
import type { ConversationRow, MemberRow } from '../../src/domain/conversation-state.ts'
import { ConversationHistory } from '../support/conversation-history.ts'
import { ALICE, BOB, CAROL, personNamed } from '../support/people.ts'
import type { ContractSubject } from './contract-subject.ts'

type Ports = Pick<Backend, 'conversations' | 'members'>

const OWNER: MemberRow = { role: 'owner', joinedSeq: 1, settings: {} }
const MEMBER: MemberRow = { role: 'member', joinedSeq: 4, settings: { mutedUntilMs: 7 } }

export function describeMembers(name: string, subject: ContractSubject<Ports>): void {
  describe(`members, ${name}`, () => {
    it('tells what a conversation is called, where it stands and what is pinned', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.commit([], {})
      assert.deepEqual(await other.members.overview(history.id), {
        head: history.head,
        details: {},
        pins: [],
      })
      await history.commit([], {
        rows: [
          { row: 'details', value: { title: 'Trip', settings: { membersCanAdd: true } } },
          { row: 'pins', value: [4, 2] },
        ],
      })
      assert.deepEqual(await other.members.overview(history.id), {
        head: history.head,
        details: { title: 'Trip', settings: { membersCanAdd: true } },
        pins: [4, 2],
      })
    })

    it('knows members, and nobody else', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.commit([], { rows: [member(ALICE, OWNER), member(BOB, MEMBER)] })
      assert.deepEqual(await other.members.read(history.id, BOB), MEMBER)
      assert.equal(await other.members.read(history.id, CAROL), undefined)
      await history.commit([], { rows: [member(BOB, undefined)] })
      assert.equal(await other.members.read(history.id, BOB), undefined)
    })

    it('gives a conversation together with somebody’s place in it, or with none', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.commit([], { rows: [member(ALICE, OWNER), member(BOB, MEMBER)] })
      const overview = await other.members.overview(history.id)
      const membershipOf = (userId: UserId) => other.members.membership(history.id, userId)
      assert.deepEqual(await membershipOf(BOB), { overview, member: MEMBER })
      assert.deepEqual(await membershipOf(CAROL), { overview, member: undefined })
      await history.send(ALICE, 'a')
      assert.deepEqual((await membershipOf(BOB))?.overview.head, history.head)
    })

    it('finds nobody in a conversation whose head counts their removal', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      await history.send(ALICE, 'before')
      const found: ReturnType<typeof other.members.membership>[] = []
      for (let turn = 0; turn < 10; turn++) {
        const row = { ...MEMBER, joinedSeq: history.lastSeq + 1 }
        for (const value of [row, undefined]) {
          found.push(other.members.membership(history.id, BOB))
          const commit = history.commit([{ authorId: ALICE, content: changeOf(BOB, value) }], {
            rows: [member(BOB, value)],
          })
          found.push(other.members.membership(history.id, BOB))
          await commit
        }
      }
      for (const membership of await Promise.all(found)) {
        const { seq } = membership?.overview.head ?? { seq: 0 }
        const joinedSeq = membership?.member?.joinedSeq
        // Every odd seq removes, every even one adds; the member may be of a later commit than the head.
        const isRemovedThere = seq % 2 === 1
        assert.ok(joinedSeq === undefined || !isRemovedThere || joinedSeq > seq)
      }
    })

    it('knows nothing of an unknown conversation', async (test) => {
      const { one } = await subject.open(test)
      const id = newConversationId('group')
      assert.equal(await one.members.overview(id), undefined)
      assert.equal(await one.members.membership(id, ALICE), undefined)
      assert.equal(await one.members.read(id, ALICE), undefined)
      assert.deepEqual(await one.members.list(id, { limit: 10 }), [])
    })

    it('lists members in the order of their ids, page by page', async (test) => {
      const { one, other } = await subject.open(test)
      const history = new ConversationHistory(one.conversations, ALICE)
      const ids = ['b', 'B', 'ba', 'zoë', 'a~', 'a', '10', '9'].map(personNamed)
      await history.commit([], { rows: ids.map((userId) => member(userId, MEMBER)) })
      const found: UserId[] = []
      for (let after: UserId | undefined; ;) {
        const page = await other.members.list(history.id, { after, limit: 3 })
        for (const { userId, ...row } of page) {
          found.push(userId)
          assert.deepEqual(row, MEMBER)
        }
        after = page.at(-1)?.userId
        if (page.length < 3) break
      }
      assert.deepEqual(found, ids.toSorted())
    })
  })
}

function changeOf(userId: UserId, value: MemberRow | undefined): EventContent {
  return value === undefined
    ? { kind: 'member_removed', userId }
    : { kind: 'members_added', userIds: [userId] }
}

function member(userId: UserId, value: MemberRow | undefined): ConversationRow {
  return { row: 'member', userId, value }
}
