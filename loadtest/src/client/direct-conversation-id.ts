import { createHash } from 'node:crypto'
import { conversationIdFrom, type ConversationId, type UserId } from '@satchel/protocol'

/**
 * The server's rule for the id of two people's direct conversation, a hash of both in byte order: written again, so
 * that a conversation can be named before anybody has written in it.
 */
export function directConversationId(one: UserId, other: UserId): ConversationId {
  const names = [Buffer.from(one), Buffer.from(other)].sort((left, right) =>
    Buffer.compare(left, right),
  )
  const hash = createHash('sha256')
  for (const name of names) hash.update(Uint8Array.of(name.length)).update(name)
  return conversationIdFrom('direct', hash.digest())
}
