import { ChatError, type ConversationId, type UserId } from '@satchel/protocol'
import { directConversationId } from './direct-conversation-id.ts'

/** A conversation as requests name it: by its id, or by the other person of a direct one. */
export interface ConversationTarget {
  readonly conversationId?: ConversationId | undefined
  readonly to?: UserId | undefined
}

/** The id of what `asking` names; `bad_request` unless it is exactly one, and not oneself. */
export function requireTarget(
  asking: UserId,
  { conversationId, to }: ConversationTarget,
): ConversationId {
  if ((conversationId === undefined) === (to === undefined)) {
    throw new ChatError('bad_request', 'name either conversationId or to', {
      field: 'conversationId',
    })
  }
  if (conversationId !== undefined) return conversationId
  if (to === undefined || to === asking) {
    throw new ChatError('bad_request', 'to: a direct conversation needs another person', {
      field: 'to',
    })
  }
  return directConversationId(asking, to)
}
