import type {
  AttachmentId,
  ConversationEvent,
  ConversationId,
  EventContent,
  MessageBody,
  Seq,
} from '@satchel/protocol'
import type { EventFacts } from '../../domain/decision.ts'
import type { Timeline, TimelineRange } from '../../ports/timeline.ts'
import type { CassandraClient } from './cassandra-client.ts'
import { parseAttachmentCell } from './event-cell.ts'
import { shownReactions } from './reaction-kind.ts'
import { TimelinePages, type TimelineRow } from './timeline-pages.ts'

/** Pages of a conversation's buckets; the targets of changes are read with them. */
export function openCassandraTimeline(
  client: Pick<CassandraClient, 'keyspace' | 'read'>,
): Timeline {
  const pages = new TimelinePages(client)

  async function targetsOf(
    id: ConversationId,
    rows: readonly TimelineRow[],
  ): Promise<ReadonlyMap<Seq, TimelineRow>> {
    const known = new Map(rows.map((row) => [row.seq, row]))
    const missing = new Set<Seq>()
    for (const { event } of rows) {
      const target = targetOf(event.content)
      if (target !== undefined && !known.has(target)) missing.add(target)
    }
    for (const row of await pages.readSome(id, [...missing])) known.set(row.seq, row)
    return known
  }

  return {
    async read(conversationId, range) {
      const rows = await readRange(pages, conversationId, range)
      const targets = await targetsOf(conversationId, rows)
      return rows.map((row) => eventOf(row, targets))
    },
    async readFacts(conversationId, seqs) {
      const rows = await pages.readSome(conversationId, seqs)
      return new Map(rows.map((row) => [row.seq, factsOf(row)]))
    },
  }
}

async function readRange(
  pages: TimelinePages,
  id: ConversationId,
  range: TimelineRange,
): Promise<readonly TimelineRow[]> {
  return 'after' in range ? pages.readAfter(id, range) : pages.readBefore(id, range)
}

function factsOf({ event }: TimelineRow): EventFacts {
  const { authorId, content, attachmentIds = [] } = event
  return { authorId, kind: content.kind, attachmentIds }
}

function eventOf(row: TimelineRow, targets: ReadonlyMap<Seq, TimelineRow>): ConversationEvent {
  const { ordinal, timeMs, authorId } = row.event
  return { seq: row.seq, ordinal, timeMs, authorId, content: contentOf(row, targets) }
}

function contentOf(row: TimelineRow, targets: ReadonlyMap<Seq, TimelineRow>): EventContent {
  const { content, attachmentIds } = row.event
  switch (content.kind) {
    case 'message_sent':
      return { ...content, body: bodyOf(row), ...changingParts(row) }
    case 'message_edited': {
      const body = targets.get(content.target)?.body
      return body === undefined ? content : { ...content, body }
    }
    case 'attachment_updated': {
      const target = targets.get(content.target)
      const [attachment] = target === undefined ? [] : attachmentsOf(target, attachmentIds)
      return attachment === undefined ? content : { ...content, attachment }
    }
    default:
      return content
  }
}

function targetOf(content: TimelineRow['event']['content']): Seq | undefined {
  return content.kind === 'message_edited' || content.kind === 'attachment_updated'
    ? content.target
    : undefined
}

/** It is written together with the event. */
function bodyOf({ seq, body }: TimelineRow): MessageBody {
  if (body === undefined) throw new Error(`message ${seq} has no body`)
  return body
}

function changingParts(
  row: TimelineRow,
): Pick<Extract<EventContent, { kind: 'message_sent' }>, 'attachments' | 'reactions'> {
  if (row.body?.deleted === true) return {}
  const { attachmentIds } = row.event
  const reactions = shownReactions(row.reactions)
  return {
    ...(attachmentIds !== undefined && { attachments: attachmentsOf(row, attachmentIds) }),
    ...(reactions !== undefined && { reactions: [...reactions] }),
  }
}

function attachmentsOf(row: TimelineRow, ids: readonly AttachmentId[] = []) {
  if (row.body?.deleted === true) return []
  return ids.flatMap((id) => {
    const bytes = row.attachments.get(id)
    return bytes === undefined || bytes.length === 0 ? [] : [parseAttachmentCell(bytes)]
  })
}
