import {
  newAttachmentId,
  newConversationId,
  newOutboxId,
  type ConversationEvent,
} from '@satchel/protocol'
import type { GatewayMessage } from '../../src/ports/gateway-bus.ts'
import { ALICE, BOB } from '../support/people.ts'

/** Each kind of message, with all its fields and with as few as it may have. */
export function everyGatewayMessage(): readonly GatewayMessage[] {
  const conversationId = newConversationId('group')
  const attachmentId = newAttachmentId()
  const to = { gatewayId: 'gateway-1', bootId: 'boot', ticket: 7 }
  const userIds = [ALICE, BOB]
  const head = { seq: 2 ** 41, ordinal: 2 ** 40, timeMs: 1_700_000_000_000 }
  const mark = { seq: 5, ordinal: 4 }
  return [
    {
      ...{ type: 'answer', to, conversationId },
      answer: { kind: 'applied', seq: 3, timeMs: 1_700_000_000_000 },
    },
    { type: 'answer', to, conversationId, answer: { kind: 'applied', timeMs: 1 } },
    {
      ...{ type: 'answer', to, conversationId },
      answer: { kind: 'rejected', code: 'not_a_member', message: 'no' },
    },
    {
      ...{ type: 'answer', to, conversationId },
      answer: { kind: 'unknown', code: 'retry', message: 'again' },
    },
    {
      ...{
        type: 'events',
        conversationId,
        membershipSeq: 2,
        opensHistory: true,
        strictLinks: true,
      },
      events: [
        { event: events(attachmentId)[0], commandId: { outbox: newOutboxId(), counter: 2 ** 23 } },
        { event: events(attachmentId)[1] },
      ],
      ...{ userIds, onSubject: true },
    },
    { type: 'events', conversationId, events: [], membershipSeq: 0 },
    { type: 'head', conversationId, head, userIds, onSubject: false },
    { type: 'head', conversationId, head: { seq: 1, ordinal: 0, timeMs: 0 } },
    { type: 'mark', conversationId, userId: ALICE, kind: 'read', mark, userIds },
    { type: 'activity', conversationId, userId: BOB, activity: 'typing', userIds: [] },
    { type: 'upload_progress', conversationId, attachmentId, sentBytes: 0, sizeBytes: 2 ** 33 },
    {
      ...{ type: 'reactions', conversationId, target: 3, userIds },
      reactions: [{ emoji: '🎉', count: 2, userIds }],
    },
    { type: 'member_settings', conversationId, settings: { mutedUntilMs: 9 }, userIds },
    { type: 'following', conversationId, userId: BOB },
    { type: 'presence', presence: { userId: ALICE, online: false, lastSeenMs: 12 } },
    { type: 'end_sessions', userId: BOB },
  ]
}

function events(
  id: ReturnType<typeof newAttachmentId>,
): readonly [ConversationEvent, ConversationEvent] {
  const at = { timeMs: 1_700_000_000_000, authorId: ALICE }
  return [
    {
      ...{ seq: 1, ordinal: 1, ...at },
      content: {
        kind: 'message_sent',
        body: {
          version: 1,
          text: 'Grüße 👋',
          mentions: [BOB],
          data: { a: [1.5, null, { b: true }] },
        },
        attachments: [
          {
            ...{ id, version: 1, state: 'ready', name: 'a.jpg', sizeBytes: 3 },
            ...{ contentType: 'image/jpeg', thumbhash: 'AAEC', alt: 'a', spoiler: true },
            variants: [{ name: 'w800', contentType: 'image/webp', sizeBytes: 2, width: 800 }],
          },
        ],
        replyTo: 1,
      },
    },
    { ...{ seq: 2, ordinal: 1, ...at }, content: { kind: 'member_left' } },
  ]
}
