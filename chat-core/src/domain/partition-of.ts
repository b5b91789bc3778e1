import type { ConversationId } from '@satchel/protocol'
import { fnv1a64 } from './fnv.ts'

/** Names what `partitionOf` does; recorded with a deployment, which refuses to start with another. */
export const PARTITION_HASH = 'fnv1a64-conversation-id'

/** Which of `partitions` (1 to 2^20) a conversation lives in: the same in every process, for ever. */
export function partitionOf(conversationId: ConversationId, partitions: number): number {
  const [high, low] = fnv1a64(conversationId)
  return ((high % partitions) * (2 ** 32 % partitions) + (low % partitions)) % partitions
}
