import type { ConversationJob } from '../domain/decision.ts'
import { attachToMessage } from './attach-to-message.ts'
import { detachFromMessage, releaseConversation, type DetachDeps } from './detach-from-message.ts'

/**
 * Does what a commit asked for; twice is the same as once. `later`: an earlier job of the same attachment
 * has not been done yet.
 */
export async function runConversationJob(
  deps: DetachDeps,
  job: ConversationJob,
): Promise<'done' | 'later'> {
  switch (job.kind) {
    case 'attach':
      await attachToMessage(deps, job)
      return 'done'
    case 'detach':
      return detachFromMessage(deps, job)
    case 'delete_conversation':
      await releaseConversation(deps, job.conversationId, undefined)
      return 'done'
    case 'erase_user':
      await releaseConversation(deps, job.conversationId, job.userId)
      return 'done'
    default:
      return job satisfies never
  }
}
