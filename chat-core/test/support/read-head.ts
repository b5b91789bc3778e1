import type { ConversationId } from '@satchel/protocol'
import type { HeadRow } from '../../src/domain/conversation-state.ts'
import type { Heads } from '../../src/ports/heads.ts'

/** One conversation's head; throws when nobody can say. */
export async function readHead(heads: Heads, id: ConversationId): Promise<HeadRow | undefined> {
  const [head] = await heads.read([id])
  if (head === 'unreachable') throw new Error(`where ${id} stands cannot be learned`)
  return head
}
