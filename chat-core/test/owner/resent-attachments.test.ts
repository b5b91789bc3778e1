import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ChatError, newAttachmentId, type RequestedCommand } from '@satchel/protocol'
import { Actor, startChatCore } from '../support/chat-core-process.ts'
import { attachmentRow } from '../support/media-rows.ts'

it('a photo sent again after its upload was forgotten gets its first answer', async (t) => {
  const core = await startChatCore(t)
  const alice = new Actor(core, 'alice')
  const trip = await alice.createGroup()
  const row = attachmentRow({ conversationId: trip, uploaderId: alice.userId })
  await core.backend.attachments.create(row, { maxPending: 10 })
  const photo: RequestedCommand = { kind: 'send_message', attachments: [{ id: row.id }] }
  const first = await alice.ask(trip, photo, { counter: 50 })
  await core.backend.attachments.remove(row)
  assert.deepEqual(await alice.ask(trip, photo, { counter: 50 }), first)
})

it('a photo nobody uploaded is refused, and what follows it is not', async (t) => {
  const core = await startChatCore(t)
  const alice = new Actor(core, 'alice')
  const trip = await alice.createGroup()
  const photo: RequestedCommand = { kind: 'send_message', attachments: [{ id: newAttachmentId() }] }
  const [refused, sent] = await Promise.allSettled([
    alice.ask(trip, photo),
    alice.say(trip, 'what a pity'),
  ])
  const reason: unknown = refused.status === 'rejected' ? refused.reason : undefined
  assert.equal(reason instanceof ChatError && reason.code, 'no_such_attachment')
  assert.equal(sent.status, 'fulfilled')
})
