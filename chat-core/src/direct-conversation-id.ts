import { createHash } from 'node:crypto'
import { conversationIdFrom, type ConversationId, type UserId } from '@satchel/protocol'

/**
 * The id of the direct conversation of two people, whoever asks: SHA-256 over both user ids in byte
 * order, each after its length as one byte, cut to 16 bytes.
 */
export function directConversationId(one: UserId, other: UserId): ConversationId {
  const hash = createHash('sha256')
  const names = [Buffer.from(one), Buffer.from(other)].sort((left, right) =>
    Buffer.compare(left, right),
  )
  for (const name of names) hash.update(Uint8Array.of(name.length)).update(name)
  return conversationIdFrom('direct', hash.digest())
}
