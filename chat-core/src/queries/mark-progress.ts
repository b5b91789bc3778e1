import type { ConversationId, Mark, MarkKind, Seq, UserId } from '@satchel/protocol'
import type { Marks } from '../ports/marks.ts'
import type { HistoryDeps } from './read-history.ts'
import { requireReader } from './reader.ts'

/** A mark that was written, and whether the others are told of it one by one. */
export interface MarkedProgress {
  readonly mark: Mark
  readonly fanout: 'small' | 'large'
}

/**
 * Moves a user's mark forward, no further than the committed head. Its ordinal comes from the event
 * it points at. A mark that is not ahead of the stored one changes nothing.
 */
export async function markProgress(
  deps: HistoryDeps & { readonly marks: Marks },
  userId: UserId,
  conversationId: ConversationId,
  kind: MarkKind,
  wanted: Seq,
): Promise<MarkedProgress> {
  const reader = await requireReader(deps, userId, conversationId)
  const { head } = reader.overview
  const seq = Math.min(wanted, head.seq)
  const [event] = await deps.timeline.read(conversationId, { after: seq - 1, upTo: seq, limit: 1 })
  const mark = { seq, ordinal: event?.ordinal ?? head.ordinal }
  await deps.marks.advance(conversationId, userId, kind, mark)
  return { mark, fanout: head.fanout }
}
