import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newAttachmentId, newConversationId } from '@satchel/protocol'
import type { AttachmentCatalogue, AttachmentRow } from '@satchel/chat-core/ports'
import { attachmentRow, userNamed } from '../support/media-rows.ts'
import type { OpenedPort } from './opened-port.ts'

/** What every `AttachmentCatalogue` keeps to. */
export function describeAttachmentCatalogue(
  backend: string,
  open: () => Promise<OpenedPort<AttachmentCatalogue>>,
): void {
  describe(`attachment catalogue, ${backend}`, () => {
    let opened: OpenedPort<AttachmentCatalogue>
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())
    const create = (row: AttachmentRow) => opened.port.create(row, { maxPending: 10 })

    test('a row is read back as it was created', async () => {
      const row = attachmentRow({ sha256: 'AAAA', dueMs: 9_000 })
      assert.deepEqual(await create(row), { kind: 'created' })
      assert.deepEqual(await opened.port.read(row.id), row)
      assert.equal(await opened.port.read(newAttachmentId()), undefined)
    })

    test('of many creators of one id exactly one succeeds, the others get its row', async () => {
      const id = newAttachmentId()
      const rows = ['a', 'b', 'c', 'd'].map((name) => attachmentRow({ id, name }))
      const outcomes = await Promise.all(rows.map(create))
      assert.equal(outcomes.filter(({ kind }) => kind === 'created').length, 1)
      const stored = await opened.port.read(id)
      for (const outcome of outcomes) {
        if (outcome.kind === 'exists') assert.deepEqual(outcome.row, stored)
      }
    })

    test('creating again does not change which conversation lists the row', async () => {
      const row = attachmentRow()
      await create(row)
      const again = { ...row, createdMs: row.createdMs + 500 }
      const elsewhere = { ...again, conversationId: newConversationId('group') }
      for (const other of [again, elsewhere])
        assert.deepEqual(await create(other), { kind: 'exists', row })
      const { port } = opened
      assert.deepEqual(await port.listOf(row.conversationId, { limit: 10 }), [row])
      assert.deepEqual(await port.listOf(elsewhere.conversationId, { limit: 10 }), [])
      await port.remove(row)
      // Later than any removal that this test can make.
      const anew = { ...row, createdMs: 4_000_000_000_000 }
      assert.deepEqual(await create(anew), { kind: 'created' })
      assert.deepEqual(await port.listOf(row.conversationId, { limit: 10 }), [anew])
    })

    test('a row is replaced only by the version after the stored one', async () => {
      const row = attachmentRow()
      await create(row)
      const next: AttachmentRow = { ...row, version: 2, state: 'processing' }
      assert.equal(await opened.port.replace({ ...row, version: 2 }, { ...row, version: 3 }), false)
      assert.equal(await opened.port.replace(row, next), true)
      assert.equal(await opened.port.replace(row, next), false)
      assert.deepEqual(await opened.port.read(row.id), next)
      const unknown = attachmentRow()
      assert.equal(await opened.port.replace(unknown, { ...unknown, version: 2 }), false)
    })

    test('of many that replace the same version exactly one succeeds', async () => {
      const row = attachmentRow()
      await create(row)
      const outcomes = await Promise.all(
        ['a', 'b', 'c', 'd'].map((name) => opened.port.replace(row, { ...row, version: 2, name })),
      )
      assert.equal(outcomes.filter(Boolean).length, 1)
    })

    test('pending uploads of a user are counted until they are no longer uploading', async () => {
      const uploaderId = userNamed('pending-pete')
      const rows = Array.from({ length: 3 }, () => attachmentRow({ uploaderId }))
      for (const row of rows) {
        assert.equal((await opened.port.create(row, { maxPending: 3 })).kind, 'created')
      }
      const fourth = attachmentRow({ uploaderId })
      const refused = await opened.port.create(fourth, { maxPending: 3 })
      assert.deepEqual(refused, { kind: 'too_many_pending' })
      assert.equal(await opened.port.read(fourth.id), undefined)
      await opened.port.replace(rows[0]!, { ...rows[0]!, version: 2, state: 'processing' })
      assert.equal((await opened.port.create(fourth, { maxPending: 3 })).kind, 'created')
      await opened.port.remove({ id: rows[1]!.id, version: 1 })
      const fifth = attachmentRow({ uploaderId })
      assert.equal((await opened.port.create(fifth, { maxPending: 3 })).kind, 'created')
    })

    test('uploads begun at once do not exceed the limit together', async () => {
      const uploaderId = userNamed('hasty-hanna')
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () =>
          opened.port.create(attachmentRow({ uploaderId }), { maxPending: 4 }),
        ),
      )
      const created = outcomes.filter(({ kind }) => kind === 'created').length
      if (opened.port.exactPending) assert.equal(created, 4)
      else assert.ok(created >= 4)
    })

    test('rows are due in the order of their times, and only until that changes', async () => {
      const late = attachmentRow({ dueMs: 3_000 })
      const early = attachmentRow({ dueMs: 2_000 })
      const never = attachmentRow()
      for (const row of [late, early, never]) await create(row)
      const due = async (nowMs: number) => {
        const ours = new Set([late.id, early.id, never.id])
        const rows = await opened.port.listDue(nowMs, 1_000)
        return rows.map(({ id }) => id).filter((id) => ours.has(id))
      }
      assert.deepEqual(await due(1_999), [])
      assert.deepEqual(await due(2_000), [early.id])
      assert.deepEqual(await due(5_000), [early.id, late.id])
      await opened.port.replace(early, { ...early, version: 2, dueMs: undefined })
      await opened.port.replace(late, { ...late, version: 2, dueMs: 9_000 })
      assert.deepEqual(await due(5_000), [])
      assert.deepEqual(await due(9_000), [late.id])
      await opened.port.remove({ id: late.id, version: 2 })
      assert.deepEqual(await due(9_000), [])
    })

    test('a conversation lists its rows by id, in pages, or only those of one user', async () => {
      const conversationId = newConversationId('group')
      const bob = userNamed('bob')
      const rows = Array.from({ length: 7 }, (_, index) =>
        attachmentRow({ conversationId, uploaderId: index < 3 ? bob : userNamed(`u${index}`) }),
      )
      for (const row of rows) await create(row)
      await create(attachmentRow())
      const ids = rows
        .map(({ id }) => id)
        .sort((left, right) =>
          Buffer.compare(Buffer.from(left, 'base64url'), Buffer.from(right, 'base64url')),
        )
      const listed: string[] = []
      for (let after = undefined; ; after = listed.at(-1) as AttachmentRow['id']) {
        const page = await opened.port.listOf(conversationId, { after, limit: 3 })
        listed.push(...page.map(({ id }) => id))
        if (page.length < 3) break
      }
      assert.deepEqual(listed, ids)
      const ofBob = await opened.port.listOf(conversationId, { uploaderId: bob, limit: 10 })
      assert.deepEqual(new Set(ofBob.map(({ uploaderId }) => uploaderId)), new Set([bob]))
      assert.equal(ofBob.length, 3)
    })

    test('a row of another version than the named one is not removed', async () => {
      const row = attachmentRow()
      await create(row)
      await opened.port.remove({ id: row.id, version: 2 })
      assert.deepEqual(await opened.port.read(row.id), row)
      await opened.port.remove(row)
      assert.equal(await opened.port.read(row.id), undefined)
      await opened.port.remove(row)
    })

    test('what was written is there after a restart', async () => {
      const row = attachmentRow({ dueMs: 77 })
      await create(row)
      await opened.reopen()
      assert.deepEqual(await opened.port.read(row.id), row)
      assert.ok((await opened.port.listDue(77, 1_000)).some(({ id }) => id === row.id))
    })
  })
}
