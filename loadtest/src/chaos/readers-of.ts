import { conversationKindOf, type ConversationId, type UserId } from '@satchel/protocol'
import type { Journal } from '../journal.ts'

export interface ReadingDevice {
  readonly userId: UserId
  readonly journal: Pick<Journal, 'commands'>
  readonly followers: ReadonlyMap<ConversationId, { readonly creatorId: UserId | undefined }>
}

/**
 * Who reads which conversation in the end: its creator, who never leaves. Should nobody have heard of it yet, because
 * answers come before events, then whoever made it, or was answered in it where nobody can leave it.
 */
export function readersOf(devices: readonly ReadingDevice[]): ReadonlyMap<ConversationId, UserId> {
  const readers = new Map<ConversationId, UserId>()
  for (const { followers } of devices) {
    for (const [conversationId, { creatorId }] of followers) {
      if (creatorId !== undefined) readers.set(conversationId, creatorId)
    }
  }
  for (const { userId, journal } of devices) {
    for (const { kind, conversationId, answers } of journal.commands) {
      if (readers.has(conversationId) || !answers.some((one) => one.kind === 'applied')) continue
      const stays =
        kind === 'create_conversation' || conversationKindOf(conversationId) === 'direct'
      if (stays) readers.set(conversationId, userId)
    }
  }
  return readers
}
