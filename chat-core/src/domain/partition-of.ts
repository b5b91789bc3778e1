import type { ConversationId } from '@satchel/protocol'

/** Names what `partitionOf` does; recorded with a deployment, which refuses to start with another. */
export const PARTITION_HASH = 'fnv1a64-conversation-id'

/** Which of `partitions` (1 to 2^20) a conversation lives in: the same in every process, for ever. */
export function partitionOf(conversationId: ConversationId, partitions: number): number {
  const [high, low] = fnv1a64(conversationId)
  return ((high % partitions) * (2 ** 32 % partitions) + (low % partitions)) % partitions
}

/**
 * FNV-1a of 64 bits over ASCII text, as two halves of 32 bits.
 * The prime is 2^40 + 0x1b3: a product is the sum of a shift and one with a small number, which
 * doubles hold exactly; no BigInt on the way of every command.
 */
export function fnv1a64(ascii: string): readonly [high: number, low: number] {
  let high = 0xcbf29ce4
  let low = 0x84222325
  for (let index = 0; index < ascii.length; index++) {
    low = (low ^ ascii.charCodeAt(index)) >>> 0
    const product = low * 0x1b3
    high = (high * 0x1b3 + Math.floor(product / 2 ** 32) + low * 2 ** 8) % 2 ** 32
    low = product % 2 ** 32
  }
  return [high, low]
}
