import type { ConversationEvent, ConversationId, Seq } from '@satchel/protocol'
import type { EventFacts } from '../domain/decision.ts'

/** Which events: those above `after`, ascending, or those below `before`, the nearest ones first taken. */
export type TimelineRange =
  | { readonly after: Seq; readonly upTo: Seq; readonly limit: number }
  | { readonly before: Seq; readonly limit: number }

/**
 * The events of conversations as they are now.
 *
 * - `read` gives events in ascending order without gaps; messages carry their current body,
 *   attachments and (up to `reactionKindsPerMessage` kinds) reactions; changes carry the current part
 *   of their target.
 * - A conversation or seq that does not exist gives nothing.
 * - Reads see every commit that settled before they were called.
 */
export interface Timeline {
  read(conversationId: ConversationId, range: TimelineRange): Promise<readonly ConversationEvent[]>
  /** What never changes of these events; missing ones are left out. */
  readFacts(
    conversationId: ConversationId,
    seqs: readonly Seq[],
  ): Promise<ReadonlyMap<Seq, EventFacts>>
}
