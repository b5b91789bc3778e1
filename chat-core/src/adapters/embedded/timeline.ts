import type { ConversationEvent, EventContent, ReactionCount, Seq } from '@satchel/protocol'
import type { EventFacts } from '../../domain/decision.ts'
import type { Timeline, TimelineRange } from '../../ports/timeline.ts'
import { conversationKey, eventKey } from './cell-key.ts'
import type { StoredEvent } from '../cell-value.ts'
import type { Cells } from './cells.ts'
import type { EmbeddedStore } from './embedded-store.ts'
import { parseEvent } from '../hot-cell.ts'
import { readReactions } from './reaction-rows.ts'
import { attachmentIdsOf } from './timeline-rows.ts'

/** Events from their rows; reactions and the targets of changes are read with them. */
export function openEmbeddedTimeline(store: Pick<EmbeddedStore, 'databases'>): Timeline {
  const cells = store.databases.conversations
  return {
    async read(conversationId, range) {
      const conversation = conversationKey(conversationId)
      const events = readEvents(cells, conversation, range)
      const first = events[0]
      const last = events.at(-1)
      if (first === undefined || last === undefined) return []
      const reactions = readReactions(cells, conversation, first.seq, last.seq)
      const messages = new Map(events.map((event) => [event.seq, event]))
      return events.map((event): ConversationEvent => {
        const content = currentContent(event, (seq) => {
          const target = messages.get(seq) ?? readEvent(cells, conversation, seq)
          if (target !== undefined) messages.set(seq, target)
          return target?.content
        })
        const { seq, ordinal, timeMs, authorId } = event
        return {
          seq,
          ordinal,
          timeMs,
          authorId,
          content: withReactions(content, reactions.get(seq)),
        }
      })
    },
    async readFacts(conversationId, seqs) {
      const conversation = conversationKey(conversationId)
      const facts = new Map<Seq, EventFacts>()
      for (const seq of seqs) {
        const event = readEvent(cells, conversation, seq)
        if (event === undefined) continue
        const { authorId, content } = event
        facts.set(seq, { authorId, kind: content.kind, attachmentIds: attachmentIdsOf(event) })
      }
      return facts
    },
  }
}

function readEvents(
  cells: Cells,
  conversation: Buffer,
  range: TimelineRange,
): readonly StoredEvent[] {
  if ('after' in range) {
    const start = eventKey(conversation, range.after + 1)
    const end = eventKey(conversation, Math.max(range.upTo, range.after) + 1)
    return Array.from(cells.getRange({ start, end, limit: range.limit }), parseValue)
  }
  const start = eventKey(conversation, range.before)
  const end = eventKey(conversation, 0)
  const { limit } = range
  const options = { start, end, limit, reverse: true, exclusiveStart: true }
  return Array.from(cells.getRange(options), parseValue).reverse()
}

function parseValue({ value }: { readonly value: Buffer }): StoredEvent {
  return parseEvent(value)
}

function readEvent(cells: Cells, conversation: Buffer, seq: Seq): StoredEvent | undefined {
  const bytes = cells.get(eventKey(conversation, seq))
  return bytes === undefined ? undefined : parseEvent(bytes)
}

function withReactions(
  content: EventContent,
  reactions: readonly ReactionCount[] | undefined,
): EventContent {
  if (reactions === undefined || content.kind !== 'message_sent') return content
  return content.body.deleted === true ? content : { ...content, reactions: [...reactions] }
}

/** A change with its target's part as it is now. */
function currentContent(
  event: StoredEvent,
  targetOf: (seq: Seq) => EventContent | undefined,
): EventContent {
  const { content } = event
  if (content.kind !== 'message_edited' && content.kind !== 'attachment_updated') return content
  const target = targetOf(content.target)
  if (target?.kind !== 'message_sent') return content
  if (content.kind === 'message_edited') return { ...content, body: target.body }
  const id = event.attachmentIds?.[0]
  const attachment = target.attachments?.find((one) => one.id === id)
  return attachment === undefined ? content : { ...content, attachment }
}
