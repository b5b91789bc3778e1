import type { ConversationId } from '@satchel/protocol'
import type { HeadRow } from '../domain/conversation-state.ts'

/**
 * `undefined`: there is no such conversation. `unreachable`: nobody can say at the moment, for example
 * because its partition is between two owners; it may well be there.
 */
export type FoundHead = HeadRow | 'unreachable' | undefined

/**
 * Where conversations stand, for everybody but their owners.
 *
 * - `read` gives them in the order asked. Only committed heads, and at least as new as any event the
 *   caller has seen. An owner that does not answer costs the heads of its conversations, never those of
 *   others: `read` does not reject for that.
 * - `publish` is the owner's part: heads it has committed and is about to tell of. It settles when no
 *   reader gets an older one; a head older than what is known changes nothing. When it rejects, readers
 *   may get older ones until they can be published after all; not those who have heard of a newer one.
 */
export interface Heads {
  read(conversationIds: readonly ConversationId[]): Promise<readonly FoundHead[]>
  publish(heads: ReadonlyMap<ConversationId, HeadRow>): Promise<void>
}
