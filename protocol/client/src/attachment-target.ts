import { ChatError } from '@satchel/protocol'
import type { CommandTarget } from './command-target.ts'
import { requireConversationId, requireUserId } from './identifiers.ts'

/** Where an attachment will be shown: a conversation, or the person to write to. */
export interface AttachmentTarget {
  readonly conversationId?: string | undefined
  readonly to?: string | undefined
}

/** Throws `bad_request` where it names neither. */
export function requireAttachmentTarget({ conversationId, to }: AttachmentTarget): CommandTarget {
  if (conversationId !== undefined) {
    return { conversationId: requireConversationId(conversationId) }
  }
  if (to !== undefined) return { to: requireUserId(to) }
  throw new ChatError('bad_request', 'an attachment needs a conversationId, or `to`')
}
