import type { ConversationId } from '@satchel/protocol'
import type { HeadRow } from '../domain/conversation-state.ts'

/**
 * Where conversations stand, for everybody but their owners.
 *
 * - `read` gives them in the order asked; `undefined` for unknown ones. Only committed heads, and at
 *   least as new as any event the caller has seen.
 * - `publish` is the owner's part: heads it has committed and is about to tell of. It settles when no
 *   reader gets an older one; a head older than what is known changes nothing. When it rejects, readers
 *   may get older ones for a while.
 */
export interface Heads {
  read(conversationIds: readonly ConversationId[]): Promise<readonly (HeadRow | undefined)[]>
  publish(heads: ReadonlyMap<ConversationId, HeadRow>): Promise<void>
}
