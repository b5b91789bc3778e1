import type { ConversationId, UserId } from '@satchel/protocol'
import type { WorkerDeps } from './worker-deps.ts'

/** What an erased user had in a conversation is gone; tells when it was the last one. Again: tells it again. */
export async function noteErased(
  { erasures, clock, telemetry }: Pick<WorkerDeps, 'erasures' | 'clock' | 'telemetry'>,
  { userId, conversationId }: { readonly userId: UserId; readonly conversationId: ConversationId },
): Promise<void> {
  await erasures.finish(userId, conversationId, clock.nowMs())
  const erasure = await erasures.read(userId)
  if (erasure?.finishedMs !== undefined) telemetry.userErased(erasure)
}
