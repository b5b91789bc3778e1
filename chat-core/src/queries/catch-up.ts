import {
  LIMITS,
  type ConversationEvent,
  type ConversationId,
  type Head,
  type Seq,
  type UserId,
} from '@satchel/protocol'
import { bareChange, changedMessageOf } from './bare-change.ts'
import { eventsFor } from './events-for.ts'
import { requireReader } from './reader.ts'
import type { HistoryDeps } from './read-history.ts'

/** What a client that stands at some seq is missing. */
export type CaughtUp =
  | {
      readonly kind: 'events'
      readonly events: readonly ConversationEvent[]
      readonly seq: Seq
      readonly strictLinks: boolean
    }
  /** More than `replayEvents` behind: the client drops its copy and loads the last page. */
  | { readonly kind: 'gap_too_large'; readonly head: Head }

/**
 * The events after `after`, up to the committed head, in order. Messages are as they are now, so the
 * changes of a message that is itself among them travel without content.
 */
export async function catchUp(
  deps: HistoryDeps,
  userId: UserId,
  conversationId: ConversationId,
  after: Seq,
): Promise<CaughtUp> {
  const reader = await requireReader(deps, userId, conversationId)
  const { strictLinks } = reader
  const { seq, ordinal, timeMs } = reader.overview.head
  const from = Math.max(after, reader.hiddenUpTo)
  if (seq - from > LIMITS.replayEvents)
    return { kind: 'gap_too_large', head: { seq, ordinal, timeMs } }
  if (from >= seq) return { kind: 'events', events: [], seq, strictLinks }
  const events = await deps.timeline.read(conversationId, {
    after: from,
    upTo: seq,
    limit: LIMITS.replayEvents,
  })
  return { kind: 'events', events: eventsFor(reader, foldChanges(events, from)), seq, strictLinks }
}

/** Leaves out what a change says about a message that is among `events`, those after `from`, and says it itself. */
function foldChanges(
  events: readonly ConversationEvent[],
  from: Seq,
): readonly ConversationEvent[] {
  return events.map((event) => ((changedMessageOf(event) ?? 0) > from ? bareChange(event) : event))
}
