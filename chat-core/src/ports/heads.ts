import type { ConversationId } from '@satchel/protocol'
import type { HeadRow } from '../domain/conversation-state.ts'

/**
 * Where conversations stand, for everybody but their owners. In the order asked; `undefined` for
 * unknown ones. Only committed heads, and at least as new as any event the caller has seen.
 */
export interface Heads {
  read(conversationIds: readonly ConversationId[]): Promise<readonly (HeadRow | undefined)[]>
}
