import type { ConversationEvent, EventContent, Seq } from '@satchel/protocol'
import type { EventFacts } from '../../domain/decision.ts'
import type { Timeline, TimelineRange } from '../../ports/timeline.ts'
import { conversationKey, eventKey } from './cell-key.ts'
import { parseEvent } from './cell-value.ts'
import type { Cells, EmbeddedStore } from './embedded-store.ts'
import { readReactions } from './timeline-rows.ts'

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
      const targets = new Map(events.map((event) => [event.seq, event]))
      return events.map((event) => {
        const found = reactions.get(event.seq)
        const content = currentContent(event.content, (seq) => {
          const target = targets.get(seq) ?? readEvent(cells, conversation, seq)
          if (target !== undefined) targets.set(seq, target)
          return target
        })
        if (content.kind !== 'message_sent' || found === undefined) return { ...event, content }
        return { ...event, content: { ...content, reactions: [...found] } }
      })
    },
    async readFacts(conversationId, seqs) {
      const conversation = conversationKey(conversationId)
      const facts = new Map<Seq, EventFacts>()
      for (const seq of seqs) {
        const event = readEvent(cells, conversation, seq)
        if (event !== undefined) facts.set(seq, factsOf(event))
      }
      return facts
    },
  }
}

function readEvents(
  cells: Cells,
  conversation: Buffer,
  range: TimelineRange,
): readonly ConversationEvent[] {
  if ('after' in range) {
    if (range.upTo <= range.after) return []
    const start = eventKey(conversation, range.after + 1)
    const end = eventKey(conversation, range.upTo + 1)
    return eventsOf(cells.getRange({ start, end, limit: range.limit }))
  }
  const start = eventKey(conversation, range.before)
  const end = eventKey(conversation, 0)
  const options = { start, end, limit: range.limit, reverse: true, exclusiveStart: true }
  return eventsOf(cells.getRange(options)).toReversed()
}

function eventsOf(range: Iterable<{ readonly value: Buffer }>): readonly ConversationEvent[] {
  return Array.from(range, ({ value }) => parseEvent(value))
}

function readEvent(cells: Cells, conversation: Buffer, seq: Seq): ConversationEvent | undefined {
  const bytes = cells.get(eventKey(conversation, seq))
  return bytes === undefined ? undefined : parseEvent(bytes)
}

/** A change with its target's part as it is now. */
function currentContent(
  content: EventContent,
  targetOf: (seq: Seq) => ConversationEvent | undefined,
): EventContent {
  if (content.kind === 'message_edited') {
    const target = targetOf(content.target)?.content
    return target?.kind === 'message_sent' ? { ...content, body: target.body } : content
  }
  if (content.kind === 'attachment_updated') {
    const target = targetOf(content.target)?.content
    const attachments = target?.kind === 'message_sent' ? target.attachments : undefined
    const current = attachments?.find(({ id }) => id === content.attachment?.id)
    return current === undefined ? content : { ...content, attachment: current }
  }
  return content
}

function factsOf({ authorId, content }: ConversationEvent): EventFacts {
  const attachments = content.kind === 'message_sent' ? content.attachments : undefined
  return { authorId, kind: content.kind, attachmentIds: attachments?.map(({ id }) => id) ?? [] }
}
