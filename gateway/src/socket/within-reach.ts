import { ChatError, type ConversationId } from '@satchel/protocol'
import type { Backend, ClusterPorts } from '@satchel/chat-core/backends'
import type { UploadRequests } from '@satchel/chat-core/ports'
import type { OutOfReach } from './out-of-reach.ts'

/**
 * `backend`, whose members are not asked about conversations that are out of reach: whoever waits there asks for
 * all, and a thousand clients that try again are answered here.
 */
export function withinReach(backend: Backend, outOfReach: Pick<OutOfReach, 'has'>): Backend {
  const { members, cluster } = backend
  const requireReach = (conversationId: ConversationId): void => {
    if (outOfReach.has(conversationId))
      throw new ChatError('unavailable', `nobody answers about ${conversationId} at the moment`)
  }
  return {
    ...backend,
    cluster: cluster && { ...cluster, uploadRequests: uploadsWithinReach(cluster, requireReach) },
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

/** Whoever answers about an upload that begins asks about the conversation it is for. */
function uploadsWithinReach(
  { uploadRequests }: ClusterPorts,
  requireReach: (conversationId: ConversationId) => void,
): UploadRequests {
  return {
    async ask(userId, request) {
      if (request.type === 'begin_upload' && request.upload.conversationId !== undefined)
        requireReach(request.upload.conversationId)
      return uploadRequests.ask(userId, request)
    },
    serve: (answer) => uploadRequests.serve(answer),
  }
}
