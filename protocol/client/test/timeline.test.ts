import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newAttachmentId, newConversationId } from '@satchel/protocol'
import type { AttachmentState, ConversationEvent, RequestedCommand } from '@satchel/protocol'
import type { Message } from '../src/index.ts'
import { Timeline } from '../src/timeline.ts'
import { FakeConversation, forReader } from './support/fake-conversation.ts'
import { user } from './support/test-bench.ts'

const alice = user('alice')
const bob = user('bob')
const conversationId = newConversationId('group')

function createTimeline(): { timeline: Timeline; changes: () => number } {
  let changes = 0
  const timeline = new Timeline(
    () => ({ conversationId, myId: alice }),
    () => {
      changes++
    },
  )
  return { timeline, changes: () => changes }
}

const attachmentId = newAttachmentId()
const attachmentIn = (version: number, state: AttachmentState) =>
  ({
    id: attachmentId,
    version,
    state,
    name: 'a.jpg',
    sizeBytes: 9,
    contentType: 'image/jpeg',
  }) as const

/** A conversation in which a message was sent, edited, reacted to, deleted … as `steps` say. */
function conversationOf(steps: readonly { kind: number; target: number }[]): FakeConversation {
  let counter = 0
  const conversation = new FakeConversation(
    conversationId,
    () => 1_000 + counter,
    ({ id }) => ({ ...attachmentIn(1, 'uploading'), id }),
  )
  const outbox = 'AAAAAAA'
  const submit = (command: RequestedCommand): void => {
    const commandId = conversation.commandId(outbox, ++counter)
    conversation.submit(counter % 2 === 0 ? alice : bob, commandId, command)
  }
  conversation.members.add(alice)
  conversation.members.add(bob)
  submit({ kind: 'send_message', text: 'first', attachments: [{ id: attachmentId }] })
  for (const { kind, target: wanted } of steps) {
    const sent = conversation.events.filter(({ content }) => content.kind === 'message_sent')
    const target = sent[wanted % sent.length]?.seq ?? 1
    if (kind === 0) submit({ kind: 'send_message', text: `text ${String(counter)}` })
    if (kind === 1) submit({ kind: 'edit_message', target, text: `edit ${String(counter)}` })
    if (kind === 2) submit({ kind: 'react', target, emoji: '🎉' })
    if (kind === 3) submit({ kind: 'react', target, emoji: '🎉', removed: true })
    if (kind === 4) submit({ kind: 'delete_message', target })
    if (kind === 5) {
      const attachment = attachmentIn(conversation.seq + 2, 'ready')
      conversation.append(bob, { kind: 'attachment_updated', target: 1, attachment })
    }
  }
  return conversation
}

const steps = fc.array(fc.record({ kind: fc.nat(5), target: fc.nat(9) }), { maxLength: 40 })

/** What a screen shows, without what depends on the way it got there. */
function shown(messages: readonly Message[]): unknown {
  return messages.map(({ seq, text, edited, deleted, attachments, reactions }) => ({
    seq,
    text,
    edited,
    deleted,
    attachments: attachments.map(({ version, state }) => ({ version, state })),
    reactions: reactions.map(({ emoji, count, userIds }) => ({
      emoji,
      count,
      userIds: [...(userIds ?? [])].sort(),
    })),
  }))
}

function pageOf(conversation: FakeConversation, from: number, to: number) {
  const events = conversation.readEvents(from, to, alice)
  return { events, head: conversation.head, more: from > 1 }
}

const none = (): undefined => undefined

test('live, by page, or both: the screen shows the same', () => {
  fc.assert(
    fc.property(steps, fc.array(fc.nat(), { maxLength: 6 }), fc.nat(), (script, cuts, joinedAt) => {
      const conversation = conversationOf(script)
      const last = conversation.seq
      const byPage = createTimeline().timeline
      byPage.addPage({}, pageOf(conversation, 1, last), none)

      // Joined at some point, listened from there on, and paged through the past in between.
      const mixed = createTimeline().timeline
      const joined = joinedAt % (last + 1)
      const pagesAt = new Set(cuts.map((cut) => cut % (last + 1)))
      for (const event of conversation.events.slice(joined)) {
        if (pagesAt.has(event.seq)) {
          const request = { before: event.seq + 1 }
          mixed.addPage(request, pageOf(conversation, 1, event.seq), none)
        }
        mixed.apply(forReader(event, alice), undefined)
      }
      mixed.addPage({ before: joined + 1 }, pageOf(conversation, 1, joined), none)
      assert.deepEqual(shown(mixed.messages), shown(byPage.messages))
      assert.equal(mixed.hasOlder, false)
    }),
    { numRuns: 300 },
  )
})

test('no part is taken back to an older version by a copy that was read earlier', () => {
  fc.assert(
    fc.property(steps, steps, (earlier, later) => {
      const past = conversationOf(earlier)
      const stalePage = pageOf(past, 1, past.seq)
      const present = conversationOf([...earlier, ...later])
      const { timeline } = createTimeline()
      for (const event of present.events) timeline.apply(forReader(event, alice), undefined)
      const before = shown(timeline.messages)
      timeline.addPage({}, stalePage, none)
      assert.deepEqual(shown(timeline.messages), before)
    }),
    { numRuns: 300 },
  )
})

test('a page that was read before the latest changes is brought up to them', () => {
  const past = conversationOf([{ kind: 0, target: 0 }])
  const stalePage = pageOf(past, 1, past.seq)
  const present = conversationOf([
    { kind: 0, target: 0 },
    { kind: 1, target: 0 },
    { kind: 2, target: 1 },
  ])
  const { timeline } = createTimeline()
  // Only the changes were heard live; their targets come with the stale page.
  for (const event of present.events.slice(past.seq)) timeline.apply(event, undefined)
  timeline.addPage({}, stalePage, none)
  assert.deepEqual(
    timeline.messages.map(({ text, reactions }) => [text, reactions.length]),
    [
      ['edit 2', 0],
      ['text 1', 1],
    ],
  )
})

test('pages that do not touch show the gap between them until it is filled', () => {
  const conversation = conversationOf(Array.from({ length: 29 }, () => ({ kind: 0, target: 0 })))
  const { timeline } = createTimeline()
  timeline.addPage({}, pageOf(conversation, 26, 30), none)
  timeline.addPage({ around: 10 }, pageOf(conversation, 8, 12), none)
  const gaps = () => timeline.messages.filter(({ gapBefore }) => gapBefore).map(({ seq }) => seq)
  assert.deepEqual(gaps(), [26])
  assert.equal(timeline.hasOlder, true)
  timeline.addPage({ after: 12 }, pageOf(conversation, 13, 20), none)
  assert.deepEqual(gaps(), [26])
  timeline.addPage({ before: 26 }, pageOf(conversation, 19, 25), none)
  assert.deepEqual(gaps(), [])
  assert.equal(timeline.messages.length, 23)
  timeline.addPage({ before: 8 }, pageOf(conversation, 1, 7), none)
  assert.equal(timeline.hasOlder, false)
})

test('a message that did not change stays the same object', () => {
  const conversation = conversationOf([{ kind: 0, target: 0 }])
  const { timeline } = createTimeline()
  for (const event of conversation.events) timeline.apply(event, undefined)
  const [first, second] = timeline.messages
  timeline.apply(editOf(2, 3), undefined)
  assert.equal(timeline.messages[0], first)
  assert.notEqual(timeline.messages[1], second)
  assert.equal(timeline.messages, timeline.messages)
})

function editOf(target: number, seq: number): ConversationEvent {
  const body = { version: seq, text: 'edited' }
  const content = { kind: 'message_edited', target, body } as const
  return { seq, ordinal: 2, timeMs: 0, authorId: bob, content }
}

test('counted reactions are replaced as a whole, and the own one stays known', () => {
  const conversation = conversationOf([])
  const { timeline } = createTimeline()
  for (const event of conversation.events) timeline.apply(event, undefined)
  timeline.applyReactions(1, [{ emoji: '🎉', count: 900 }])
  timeline.applyOwnReaction(1, '🎉', false)
  timeline.applyReactions(1, [
    { emoji: '🎉', count: 950 },
    { emoji: '👍', count: 3 },
  ])
  assert.deepEqual(timeline.messages[0]?.reactions, [
    { emoji: '🎉', count: 950, userIds: undefined, mine: true },
    { emoji: '👍', count: 3, userIds: undefined, mine: false },
  ])
  timeline.applyOwnReaction(1, '👍', false)
  timeline.applyOwnReaction(1, '👍', true)
  assert.equal(timeline.messages[0].reactions[1]?.count, 3)
})

test('an older verdict about an attachment that comes later changes nothing', () => {
  const conversation = conversationOf([])
  const { timeline } = createTimeline()
  for (const event of conversation.events) timeline.apply(event, undefined)
  const update = (seq: number, attachment: ReturnType<typeof attachmentIn>): void => {
    const content = { kind: 'attachment_updated', target: 1, attachment } as const
    timeline.apply({ seq, ordinal: 1, timeMs: 0, authorId: bob, content }, undefined)
  }
  update(2, attachmentIn(5, 'ready'))
  update(3, attachmentIn(4, 'processing'))
  assert.equal(timeline.messages[0]?.attachments[0]?.state, 'ready')
})

test("an uploader's progress only grows", () => {
  const conversation = conversationOf([])
  const { timeline } = createTimeline()
  for (const event of conversation.events) timeline.apply(event, undefined)
  timeline.applyProgress(attachmentId, 5)
  timeline.applyProgress(attachmentId, 3)
  assert.equal(timeline.messages[0]?.attachments[0]?.sentBytes, 5)
})

test('a long-lived timeline keeps the newest messages and knows that older ones exist', () => {
  const { timeline } = createTimeline()
  timeline.addPage({}, { events: [], head: { seq: 0, ordinal: 0, timeMs: 0 }, more: false }, none)
  assert.equal(timeline.hasOlder, false)
  for (let seq = 1; seq <= 5_001; seq++) {
    const content = { kind: 'message_sent', body: { version: seq, text: String(seq) } } as const
    timeline.apply({ seq, ordinal: seq, timeMs: seq, authorId: bob, content }, undefined)
  }
  assert.equal(timeline.messages.length, 4_000)
  assert.equal(timeline.messages[0]?.seq, 1_002)
  assert.equal(timeline.hasOlder, true)
})

test('events about the conversation are notices, and deleting it empties the screen', () => {
  const conversation = conversationOf([])
  const { timeline, changes } = createTimeline()
  for (const event of conversation.events) timeline.apply(event, undefined)
  const settled = changes()
  const renamed = { kind: 'conversation_updated', title: 'New' } as const
  timeline.apply({ seq: 2, ordinal: 1, timeMs: 0, authorId: bob, content: renamed }, undefined)
  assert.equal(timeline.notices.length, 1)
  assert.ok(changes() > settled)
  const deleted = { kind: 'conversation_deleted' } as const
  timeline.apply({ seq: 3, ordinal: 1, timeMs: 0, authorId: bob, content: deleted }, undefined)
  assert.deepEqual(timeline.messages, [])
  assert.deepEqual(
    timeline.notices.map(({ seq }) => seq),
    [3],
  )
})
