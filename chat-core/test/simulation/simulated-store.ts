import type {
  Attachment,
  ConversationEvent,
  ConversationId,
  MessageBody,
  ReactionCount,
  Seq,
  UserId,
} from '@satchel/protocol'
import type { ConversationRow, HeadRow } from '../../src/domain/conversation-state.ts'
import type { EventFacts } from '../../src/domain/decision.ts'
import { factsOf } from '../../src/domain/facts-of.ts'
import type { LogPosition } from '../../src/ports/command-log.ts'
import type {
  ChangedPart,
  ConversationCommit,
  InboxChange,
  StoredConversation,
} from '../../src/ports/conversation-store.ts'
import type { InboxRow } from '../../src/ports/inbox.ts'
import type { TimelineRange } from '../../src/ports/timeline.ts'
import type { World } from './world.ts'

interface Cell {
  readonly timestamp: number
  readonly value: unknown
}

const MAX_TIMESTAMP = 2 ** 52

/**
 * The store's server: cells, each with the timestamp it was written with. The later timestamp stays,
 * whenever it arrives; two values at one timestamp are a violation, since no one could say which stays.
 */
export class SimulatedStore {
  /** False: a store whose writes carry no timestamps, in which the last to arrive stays. */
  readonly #isOrdered: boolean
  readonly #world: World
  readonly #cells = new Map<string, Map<string, Cell>>()

  constructor(world: World, options: { readonly isOrdered: boolean }) {
    this.#world = world
    this.#isOrdered = options.isOrdered
  }

  writeEvent({ conversationId, position }: ConversationCommit, event: ConversationEvent): void {
    const table = `timeline ${conversationId}`
    const timestamp = timestampOf(position)
    this.#write(table, `event ${event.seq}`, timestamp, bare(event))
    if (event.content.kind !== 'message_sent') return
    const { body, attachments = [] } = event.content
    this.#writeBody(table, event.seq, body)
    for (const attachment of attachments) this.#writeAttachment(table, event.seq, attachment)
  }

  writePart({ conversationId }: ConversationCommit, part: ChangedPart): void {
    const table = `timeline ${conversationId}`
    if (part.part === 'body') this.#writeBody(table, part.target, part.value)
    else this.#writeAttachment(table, part.target, part.value)
  }

  writeReaction(
    { conversationId }: ConversationCommit,
    { target, emoji, userId, removed, position }: ConversationCommit['reactions'][number],
  ): void {
    const key = `${emoji} ${userId}`
    const table = `reactions ${conversationId} ${target}`
    this.#write(table, key, timestampOf(position), removed ? undefined : { emoji, userId })
  }

  writeInbox({ conversationId, position }: ConversationCommit, change: InboxChange): void {
    this.#write(`inbox ${change.userId}`, conversationId, timestampOf(position), change.value)
  }

  /** All of it at once, or nothing. */
  writeRows({
    conversationId,
    position,
    rows,
  }: Pick<ConversationCommit, 'conversationId' | 'position' | 'rows'>): void {
    const table = `conversation ${conversationId}`
    for (const row of rows) this.#write(table, keyOfRow(row), timestampOf(position), row)
  }

  readConversation(conversationId: ConversationId): StoredConversation | undefined {
    const cells = this.#cells.get(`conversation ${conversationId}`)
    if (cells === undefined) return undefined
    const rows: ConversationRow[] = []
    let latest = 0
    for (const { timestamp, value } of cells.values()) {
      latest = Math.max(latest, timestamp)
      const row = value as ConversationRow
      if (row.value !== undefined) rows.push(row)
    }
    return { position: positionOf(latest), rows }
  }

  readHead(conversationId: ConversationId): HeadRow | undefined {
    const row = this.#read(`conversation ${conversationId}`, 'head') as ConversationRow | undefined
    return row?.row === 'head' ? row.value : undefined
  }

  get conversationIds(): readonly ConversationId[] {
    return [...this.#cells.keys()]
      .filter((table) => table.startsWith('conversation '))
      .map((table) => table.slice('conversation '.length) as ConversationId)
  }

  readInbox(userId: UserId): readonly InboxRow[] {
    const rows: InboxRow[] = []
    for (const [conversationId, { value }] of this.#cells.get(`inbox ${userId}`) ?? []) {
      const inbox = value as InboxChange['value']
      if (inbox !== undefined)
        rows.push({ conversationId: conversationId as ConversationId, joinedSeq: inbox.joinedSeq })
    }
    return rows
  }

  readTimeline(conversationId: ConversationId, range: TimelineRange): readonly ConversationEvent[] {
    const [first, last] =
      'after' in range
        ? [range.after + 1, Math.min(range.upTo, range.after + range.limit)]
        : [Math.max(1, range.before - range.limit), range.before - 1]
    const events: ConversationEvent[] = []
    for (let seq = first; seq <= last; seq++) {
      const event = this.#readEvent(conversationId, seq)
      // A hole is the reader's to find.
      if (event !== undefined) events.push(event)
    }
    return events
  }

  readFacts(conversationId: ConversationId, seqs: readonly Seq[]): ReadonlyMap<Seq, EventFacts> {
    const facts = new Map<Seq, EventFacts>()
    for (const seq of seqs) {
      const event = this.#read(`timeline ${conversationId}`, `event ${seq}`)
      if (event !== undefined) facts.set(seq, factsOf(event as ConversationEvent))
    }
    return facts
  }

  #readEvent(conversationId: ConversationId, seq: Seq): ConversationEvent | undefined {
    const table = `timeline ${conversationId}`
    const event = this.#read(table, `event ${seq}`) as ConversationEvent | undefined
    if (event === undefined) return undefined
    const { content } = event
    switch (content.kind) {
      case 'message_edited': {
        const body = this.#read(table, `body ${content.target}`) as MessageBody
        return { ...event, content: { ...content, body } }
      }
      case 'attachment_updated': {
        if (content.attachment === undefined) return event
        const attachment = this.#readAttachment(table, content.target, content.attachment)
        return { ...event, content: { ...content, attachment } }
      }
      case 'message_sent': {
        const body = this.#read(table, `body ${seq}`) as MessageBody
        if (body.deleted === true)
          return { ...event, content: { ...content, body, attachments: undefined } }
        const attachments = content.attachments?.map((one) => this.#readAttachment(table, seq, one))
        const reactions = this.#readReactions(conversationId, seq)
        return { ...event, content: { ...content, body, attachments, reactions } }
      }
      default:
        return event
    }
  }

  #readAttachment(table: string, seq: Seq, { id, ...rest }: Attachment): Attachment {
    const found = this.#read(table, `attachment ${seq} ${id}`) as Attachment | undefined
    return found ?? { id, ...rest }
  }

  #readReactions(conversationId: ConversationId, seq: Seq): ReactionCount[] {
    const users = new Map<string, UserId[]>()
    for (const { value } of this.#cells.get(`reactions ${conversationId} ${seq}`)?.values() ?? []) {
      const reaction = value as { emoji: string; userId: UserId } | undefined
      if (reaction === undefined) continue
      users.set(reaction.emoji, [...(users.get(reaction.emoji) ?? []), reaction.userId])
    }
    return [...users].map(([emoji, userIds]) => ({ emoji, count: userIds.length, userIds }))
  }

  #writeBody(table: string, target: Seq, body: MessageBody): void {
    const timestamp = body.deleted === true ? MAX_TIMESTAMP - body.version : body.version
    this.#write(table, `body ${target}`, timestamp, body)
  }

  #writeAttachment(table: string, target: Seq, attachment: Attachment): void {
    this.#write(table, `attachment ${target} ${attachment.id}`, attachment.version, attachment)
  }

  #read(table: string, key: string): unknown {
    return this.#cells.get(table)?.get(key)?.value
  }

  #write(table: string, key: string, timestamp: number, value: unknown): void {
    const cells = this.#cells.get(table) ?? new Map<string, Cell>()
    this.#cells.set(table, cells)
    const before = cells.get(key)
    if (before !== undefined && this.#isOrdered) {
      if (before.timestamp > timestamp) return
      if (before.timestamp === timestamp) {
        const [one, other] = [JSON.stringify(before.value), JSON.stringify(value)]
        if (one !== other)
          this.#world.violated(`${table}, ${key} at ${timestamp}: ${one} and ${other}`)
        return
      }
    }
    cells.set(key, { timestamp, value })
  }
}

/** What is stored of an event: its changing parts are cells of their own. */
function bare(event: ConversationEvent): ConversationEvent {
  const { content } = event
  if (content.kind !== 'message_edited') return event
  return { ...event, content: { kind: content.kind, target: content.target } }
}

function keyOfRow(row: ConversationRow): string {
  switch (row.row) {
    case 'member':
      return `member ${row.userId}`
    case 'outbox':
      return `outbox ${row.userId} ${row.outbox}`
    case 'idempotency':
      return `idempotency ${row.bucket}`
    default:
      return row.row
  }
}

function timestampOf({ record, index }: LogPosition): number {
  return record * 2 ** 10 + index
}

function positionOf(timestamp: number): LogPosition {
  return { generation: 1, record: Math.floor(timestamp / 2 ** 10), index: timestamp % 2 ** 10 }
}
