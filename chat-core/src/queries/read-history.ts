import {
  LIMITS,
  type ConversationEvent,
  type ConversationId,
  type EventPage,
  type Seq,
  type UserId,
} from '@satchel/protocol'
import type { Timeline } from '../ports/timeline.ts'
import { eventsFor } from './events-for.ts'
import { requireReader, type Reader, type ReaderDeps } from './reader.ts'

export interface HistoryDeps extends ReaderDeps {
  readonly timeline: Timeline
}

/** Which page: below `before`, above `after`, on both sides of `around`, or the newest. */
export interface HistoryPosition {
  readonly before?: Seq | undefined
  readonly after?: Seq | undefined
  readonly around?: Seq | undefined
  /** 1 to 100; 50 when absent. */
  readonly limit?: number | undefined
}

const DEFAULT_PAGE = 50

/** A page of events, and whether links to their media may ride along. */
export type HistoryPage = EventPage & { readonly strictLinks: boolean }

/** A page of events, ascending. `more`: there are further ones in the direction that was asked for. */
export async function readHistory(
  deps: HistoryDeps,
  userId: UserId,
  conversationId: ConversationId,
  position: HistoryPosition,
): Promise<HistoryPage> {
  const reader = await requireReader(deps, userId, conversationId)
  const limit = Math.min(position.limit ?? DEFAULT_PAGE, LIMITS.pageSize)
  const { seq, ordinal, timeMs } = reader.overview.head
  const page = { head: { seq, ordinal, timeMs }, strictLinks: reader.strictLinks }
  if (position.after !== undefined) {
    const after = Math.max(position.after, reader.hiddenUpTo)
    const events = await readAfter(deps, reader, after, limit)
    return { ...page, events, more: (events.at(-1)?.seq ?? seq) < seq }
  }
  if (position.around !== undefined) {
    const earlier = Math.floor(limit / 2)
    const above = Math.min(Math.max(position.around, 1), seq)
    const before = await readBefore(deps, reader, above, earlier)
    const after = Math.max(above - 1, reader.hiddenUpTo)
    const from = await readAfter(deps, reader, after, limit - before.length)
    return { ...page, events: [...before, ...from], more: true }
  }
  const events = await readBefore(
    deps,
    reader,
    Math.min(position.before ?? seq + 1, seq + 1),
    limit,
  )
  return { ...page, events, more: (events[0]?.seq ?? 1) > reader.hiddenUpTo + 1 }
}

async function readAfter(
  { timeline }: HistoryDeps,
  reader: Reader,
  after: Seq,
  limit: number,
): Promise<readonly ConversationEvent[]> {
  const { conversationId, overview } = reader
  const range = { after, upTo: overview.head.seq, limit }
  return eventsFor(reader, await timeline.read(conversationId, range))
}

async function readBefore(
  deps: HistoryDeps,
  reader: Reader,
  before: Seq,
  limit: number,
): Promise<readonly ConversationEvent[]> {
  if (limit === 0 || before <= reader.hiddenUpTo + 1) return []
  const events = await deps.timeline.read(reader.conversationId, { before, limit })
  const visible = events.filter((event) => event.seq > reader.hiddenUpTo)
  return eventsFor(reader, visible)
}
