import type {
  Attachment,
  ConversationEvent,
  ConversationId,
  Mark,
  MessageBody,
  Seq,
  UserId,
} from '@satchel/protocol'
import type { ConversationRow } from '../domain/conversation-state.ts'
import type { ConversationJob, Decision } from '../domain/decision.ts'
import type { LogPosition } from '../ports/command-log.ts'
import type {
  ChangedPart,
  ConversationCommit,
  InboxChange,
  MentionChange,
} from '../ports/conversation-store.ts'

/** A decision, and where in the log its command stands. */
export interface PositionedDecision {
  readonly decision: Decision
  readonly position: LogPosition
}

/**
 * Everything that consecutive decisions (one at least) of one conversation change: each row, part,
 * inbox line and mark once, as it is after the last of them. Stands at the last one's position.
 */
export function commitOf(
  conversationId: ConversationId,
  decided: readonly PositionedDecision[],
): ConversationCommit {
  const last = decided.at(-1)
  if (last === undefined) throw new RangeError('a commit needs a decision')
  // One pass, because this is done for every commit, mostly of one or two decisions.
  const events: ConversationEvent[] = []
  const jobs: ConversationJob[] = []
  const mentions: MentionChange[] = []
  const reactions: ConversationCommit['reactions'][number][] = []
  const parts = new LatestParts()
  const people = new LatestPeople()
  const rows = new Map<string | number, ConversationRow>()
  for (const { decision, position } of decided) {
    for (const event of decision.events) {
      events.push(event)
      parts.take(event)
      people.takeSender(event)
    }
    for (const row of decision.rows) {
      rows.set(keyOf(row), row)
      if (row.row === 'member') people.takeMember(row.userId, row.value?.joinedSeq, decision.events)
    }
    for (const job of decision.jobs) jobs.push(job)
    for (const reaction of decision.reactions) reactions.push({ ...reaction, position })
    const message = decision.events.at(-1)
    for (const userId of decision.mentioned)
      if (message !== undefined) mentions.push({ userId, seq: message.seq })
  }
  return {
    conversationId,
    position: last.position,
    events,
    parts: parts.list(),
    reactions,
    mentions,
    inbox: people.inbox(),
    marks: people.marks(),
    jobs,
    rows: [...rows.values()],
  }
}

/** The changed parts of messages: of each the latest version, and after a deletion nothing else. */
class LatestParts {
  // Most commits change none: there is nothing then.
  #bodies: Map<Seq, MessageBody> | undefined
  #attachments: Map<string, Extract<ChangedPart, { readonly part: 'attachment' }>> | undefined

  take({ seq, content }: ConversationEvent): void {
    switch (content.kind) {
      case 'message_edited':
        if (content.body !== undefined) this.#takeBody(content.target, content.body)
        return
      case 'message_deleted':
        this.#takeBody(content.target, { version: seq, deleted: true })
        return
      case 'attachment_updated':
        if (content.attachment !== undefined)
          this.#takeAttachment(content.target, content.attachment)
        return
      default:
        return
    }
  }

  /** The first deletion's version stays: deleting again changes nothing. */
  #takeBody(target: Seq, value: MessageBody): void {
    this.#bodies ??= new Map()
    if (this.#bodies.get(target)?.deleted !== true) this.#bodies.set(target, value)
  }

  #takeAttachment(target: Seq, value: Attachment): void {
    this.#attachments ??= new Map()
    const key = `${target}/${value.id}`
    if ((this.#attachments.get(key)?.value.version ?? 0) <= value.version)
      this.#attachments.set(key, { part: 'attachment', target, value })
  }

  list(): readonly ChangedPart[] {
    const parts: ChangedPart[] = []
    this.#bodies?.forEach((value, target) => parts.push({ part: 'body', target, value }))
    this.#attachments?.forEach((part) => parts.push(part))
    return parts
  }
}

/** Who comes and goes, and how far senders and joiners have read by that. */
class LatestPeople {
  readonly #marks = new Map<UserId, Mark>()
  // Most commits are of people who have been there.
  #inbox: Map<UserId, InboxChange['value']> | undefined

  takeSender({ authorId, seq, ordinal, content }: ConversationEvent): void {
    if (content.kind === 'message_sent') this.#marks.set(authorId, { seq, ordinal })
  }

  /** A member row of a decision; only those who join with one of its events are new. */
  takeMember(userId: UserId, joinedSeq: Seq | undefined, events: Decision['events']): void {
    this.#inbox ??= new Map()
    if (joinedSeq === undefined) {
      this.#inbox.set(userId, undefined)
      return
    }
    const joined = events.find(({ seq }) => seq === joinedSeq)
    if (joined === undefined) return
    this.#inbox.set(userId, { joinedSeq })
    // Who opens a direct conversation has sent in it as well.
    if ((this.#marks.get(userId)?.seq ?? 0) < joinedSeq)
      this.#marks.set(userId, { seq: joinedSeq, ordinal: joined.ordinal })
  }

  inbox(): readonly InboxChange[] {
    const inbox: InboxChange[] = []
    this.#inbox?.forEach((value, userId) => inbox.push({ userId, value }))
    return inbox
  }

  marks(): ConversationCommit['marks'] {
    const marks: ConversationCommit['marks'][number][] = []
    this.#marks.forEach((mark, userId) => marks.push({ userId, mark }))
    return marks
  }
}

/** A row by what it is of: slots of outboxes are numbers, and everything else is text. */
function keyOf(row: ConversationRow): string | number {
  switch (row.row) {
    case 'head':
    case 'details':
    case 'pins':
      return row.row
    case 'member':
      return `member ${row.userId}`
    case 'outbox':
      return row.value.slot
    case 'idempotency':
      return `idempotency ${row.bucket}`
    default:
      return row satisfies never
  }
}
