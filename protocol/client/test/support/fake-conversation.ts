import { ChatError, conversationKindOf, parseOutboxId } from '@satchel/protocol'
import type {
  Attachment,
  AttachmentReference,
  CommandId,
  CommandResult,
  ConversationEvent,
  ConversationId,
  EventContent,
  InboxEntry,
  RequestedCommand,
  UserId,
} from '@satchel/protocol'

type MessageSent = ConversationEvent & { readonly content: { readonly kind: 'message_sent' } }

/** One conversation of the far end, with just enough rules to hold a client to its promises. */
export class FakeConversation {
  readonly id: ConversationId
  readonly members = new Set<UserId>()
  readonly events: ConversationEvent[] = []
  readonly read = new Map<UserId, number>()
  readonly delivered = new Map<UserId, number>()
  title: string | undefined
  /** Every command that had an effect, by outbox and counter, with the answer it got. */
  readonly answers = new Map<string, CommandResult>()
  /** Ids of commands in the order they were applied. */
  readonly applied: string[] = []
  readonly #now: () => number
  readonly #describe: (reference: AttachmentReference) => Attachment
  /** Messages by seq, as they are now. */
  readonly #messages = new Map<number, MessageSent>()

  constructor(
    id: ConversationId,
    now: () => number,
    describe: (reference: AttachmentReference) => Attachment,
  ) {
    this.id = id
    this.#now = now
    this.#describe = describe
  }

  get seq(): number {
    return this.events.length
  }

  get ordinal(): number {
    return this.events.at(-1)?.ordinal ?? 0
  }

  get head() {
    return { seq: this.seq, ordinal: this.ordinal, timeMs: this.events.at(-1)?.timeMs ?? 0 }
  }

  /** The answer the command got before, or gets now; throws what it is refused with. */
  submit(author: UserId, commandId: CommandId, command: RequestedCommand): CommandResult {
    const key = `${commandId.outbox}.${String(commandId.counter)}`
    const known = this.answers.get(key)
    if (known !== undefined) return known
    if (command.kind !== 'create_conversation' && !this.members.has(author)) {
      throw new ChatError('not_a_member', `${author} is no member`)
    }
    const event = this.append(author, this.#decide(author, command), commandId)
    const result = { conversationId: this.id, seq: event.seq, timeMs: event.timeMs }
    this.answers.set(key, result)
    this.applied.push(key)
    return result
  }

  append(authorId: UserId, content: EventContent, commandId?: CommandId): ConversationEvent {
    const seq = this.seq + 1
    const placed = place(content, seq)
    const ordinal = this.ordinal + (placed.kind === 'message_sent' ? 1 : 0)
    const event = {
      seq,
      ordinal,
      timeMs: this.#now(),
      authorId,
      content: placed,
      ...(commandId === undefined ? {} : { commandId }),
    }
    this.events.push(event)
    if (placed.kind === 'message_sent') this.#messages.set(seq, { ...event, content: placed })
    this.#change(event)
    return event
  }

  commandId(outboxText: string, counter: number): CommandId {
    const outbox = parseOutboxId(outboxText)
    if (outbox === undefined) throw new TypeError(`"${outboxText}" is no outbox id`)
    return { outbox, counter }
  }

  /** Events of these seqs as a reader gets them now: messages with their present parts. */
  readEvents(from: number, to: number, reader: UserId): ConversationEvent[] {
    return this.events.slice(Math.max(from, 1) - 1, to).map((event) => {
      const current = this.#messages.get(event.seq) ?? event
      return forReader(withoutFolded(current, from), reader)
    })
  }

  entryFor(reader: UserId): InboxEntry {
    const kind = conversationKindOf(this.id) ?? 'group'
    const readSeq = this.read.get(reader) ?? 0
    const readOrdinal = this.events[readSeq - 1]?.ordinal ?? 0
    const peerId = [...this.members].find((member) => member !== reader)
    const last = [...this.#messages.values()].at(-1)
    return {
      conversationId: this.id,
      conversationKind: kind,
      title: this.title,
      role: 'member',
      joinedSeq: 0,
      memberCount: this.members.size,
      peerId: kind === 'direct' ? peerId : undefined,
      head: this.head,
      read: { seq: readSeq, ordinal: readOrdinal },
      unread: this.ordinal - readOrdinal,
      mentions: 0,
      lastMessage: last === undefined ? undefined : forReader(last, reader),
    }
  }

  #decide(author: UserId, command: RequestedCommand): EventContent {
    switch (command.kind) {
      case 'create_conversation': {
        const memberIds = [author, ...(command.memberIds ?? [])]
        for (const member of memberIds) this.members.add(member)
        this.title = command.title
        return { ...command, kind: 'conversation_created', memberIds }
      }
      case 'send_message': {
        const { text, mentions, mentionAll, data, attachments, replyTo, silent } = command
        return {
          kind: 'message_sent',
          body: { version: 1, text, mentions, mentionAll, data },
          attachments: attachments?.map(this.#describe),
          replyTo,
          silent,
        }
      }
      case 'edit_message':
        this.#require(command.target)
        return {
          kind: 'message_edited',
          target: command.target,
          body: { version: 1, text: command.text },
        }
      case 'delete_message':
        this.#require(command.target)
        return { kind: 'message_deleted', target: command.target }
      case 'react': {
        this.#require(command.target)
        const { target, emoji, removed } = command
        return { kind: 'reaction_changed', target, emoji, removed }
      }
      case 'add_members':
        for (const member of command.userIds) this.members.add(member)
        return { kind: 'members_added', userIds: command.userIds }
      case 'leave_conversation':
        this.members.delete(author)
        return { kind: 'member_left' }
      case 'update_conversation':
        this.title = command.title ?? this.title
        return { ...command, kind: 'conversation_updated' }
      case 'pin_message':
        return { kind: 'message_pinned', target: command.target }
      default:
        throw new ChatError('not_allowed', `the far end does not know ${command.kind}`)
    }
  }

  #require(target: number): void {
    if (!this.#messages.has(target))
      throw new ChatError('no_such_message', `no message ${String(target)}`)
  }

  #change({ seq, authorId, content }: ConversationEvent): void {
    const held = 'target' in content ? this.#messages.get(content.target) : undefined
    // Deletion is final.
    if (held === undefined || held.content.body.deleted === true) return
    const { content: sent } = held
    if (content.kind === 'message_edited' && content.body !== undefined) {
      this.#messages.set(held.seq, { ...held, content: { ...sent, body: content.body } })
    } else if (content.kind === 'message_deleted') {
      const body = { version: seq, deleted: true }
      this.#messages.set(held.seq, { ...held, content: { kind: 'message_sent', body } })
    } else if (content.kind === 'attachment_updated') {
      const attachments = sent.attachments?.map((known) =>
        known.id === content.attachment?.id ? content.attachment : known,
      )
      this.#messages.set(held.seq, { ...held, content: { ...sent, attachments } })
    } else if (content.kind === 'reaction_changed') {
      const reactions = react(sent.reactions ?? [], content, authorId)
      this.#messages.set(held.seq, { ...held, content: { ...sent, reactions } })
    }
  }
}

/** What the sender's command could not know: the version is the event's own place. */
function place(content: EventContent, seq: number): EventContent {
  const hasBody = content.kind === 'message_sent' || content.kind === 'message_edited'
  if (!hasBody || content.body === undefined) return content
  const body = { ...content.body, version: seq }
  return content.kind === 'message_sent' ? { ...content, body } : { ...content, body }
}

/** In catching up from `from`, a change whose target comes along says nothing of it. */
function withoutFolded(event: ConversationEvent, from: number): ConversationEvent {
  const { content } = event
  if (!('target' in content) || content.target < from) return event
  if (content.kind === 'message_edited') {
    return { ...event, content: { kind: content.kind, target: content.target } }
  }
  if (content.kind === 'attachment_updated') {
    return { ...event, content: { kind: content.kind, target: content.target } }
  }
  return event
}

/** The command id is for the author's devices only. */
export function forReader(event: ConversationEvent, reader: UserId): ConversationEvent {
  if (event.authorId === reader) return event
  return { ...event, commandId: undefined }
}

type Reactions = NonNullable<MessageSent['content']['reactions']>

function react(
  reactions: Reactions,
  { emoji, removed }: { readonly emoji: string; readonly removed?: boolean | undefined },
  userId: UserId,
): Reactions {
  const known = reactions.find((reaction) => reaction.emoji === emoji)?.userIds ?? []
  const others = known.filter((id) => id !== userId)
  const userIds = removed === true ? others : [...others, userId]
  const rest = reactions.filter((reaction) => reaction.emoji !== emoji)
  return userIds.length === 0 ? rest : [...rest, { emoji, count: userIds.length, userIds }]
}
