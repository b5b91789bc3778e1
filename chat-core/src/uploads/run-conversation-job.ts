import type { ConversationJob } from '../domain/decision.ts'
import { attachToMessage } from './attach-to-message.ts'
import { detachFromMessage, releaseConversation } from './detach-from-message.ts'
import { eraseUser, type EraseDeps } from './erase-user.ts'

/**
 * Does what a commit asked for; twice is the same as once. `later`: an earlier job of the same attachment
 * has not been done yet.
 */
export async function runConversationJob(
  deps: EraseDeps,
  job: ConversationJob,
): Promise<'done' | 'later'> {
  switch (job.kind) {
    case 'attach':
      await attachToMessage(deps, job)
      return 'done'
    case 'detach':
      return detachFromMessage(deps, job)
    case 'delete_conversation':
      await releaseConversation(deps, job.conversationId)
      return 'done'
    case 'erase_user':
      await eraseUser(deps, job)
      return 'done'
    default:
      return job satisfies never
  }
}
