import { ChatError, type ConversationId } from '@satchel/protocol'
import type { Backend } from '@satchel/chat-core/backends'
import type { OutOfReach } from './out-of-reach.ts'

/**
 * `backend`, whose members are not asked about conversations that are out of reach: whoever waits there asks for
 * all, and a thousand clients that try again are answered here.
 */
export function withinReach(backend: Backend, outOfReach: Pick<OutOfReach, 'has'>): Backend {
  const { members } = backend
  const requireReach = (conversationId: ConversationId): void => {
    if (outOfReach.has(conversationId))
      throw new ChatError('unavailable', `nobody answers about ${conversationId} at the moment`)
  }
  return {
    ...backend,
    members: {
      async overview(conversationId) {
        requireReach(conversationId)
        return members.overview(conversationId)
      },
      async membership(conversationId, userId) {
        requireReach(conversationId)
        return members.membership(conversationId, userId)
      },
      async read(conversationId, userId) {
        requireReach(conversationId)
        return members.read(conversationId, userId)
      },
      async list(conversationId, options) {
        requireReach(conversationId)
        return members.list(conversationId, options)
      },
    },
  }
}
