import type { ConversationJob } from '../../domain/decision.ts'

/** The same for the same job, whoever asks for it how often: a commit that is repeated asks for no second one. */
export function conversationJobId(job: ConversationJob): string {
  switch (job.kind) {
    case 'attach':
    case 'detach':
      return `${job.kind}:${job.attachmentId}:${job.conversationId}:${job.seq}`
    case 'delete_conversation':
      return `${job.kind}:${job.conversationId}`
    case 'erase_user': {
      const user = Buffer.from(job.userId).toString('base64url')
      const messages = job.blankMessages ? 'blank' : 'keep'
      // Who was erased may come back, and be erased again.
      return `${job.kind}:${job.conversationId}:${user}:${job.seq}:${messages}`
    }
    default:
      return job satisfies never
  }
}
