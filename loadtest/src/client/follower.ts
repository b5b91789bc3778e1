import type { ConversationEvent, ConversationId, Seq, UserId } from '@satchel/protocol'
import { traceOf } from '../event-trace.ts'
import type { JournalWriter } from '../journal.ts'

export interface FollowerOptions {
  readonly conversationId: ConversationId
  readonly userId: UserId
  readonly journal: JournalWriter
  readonly now: () => number
  /** Asks the server for what comes after `seq`. */
  readonly pull: (seq: Seq) => void
}

/** What a device knows of one conversation: how far it has shown it, and whether it is still in it. */
export class Follower {
  readonly #options: FollowerOptions
  /** Own messages that may be edited or deleted, and anybody's that may be reacted to. */
  readonly ownMessages: Seq[] = []
  readonly messages: Seq[] = []
  members = new Set<UserId>()
  creatorId: UserId | undefined
  isMember = true
  /** Every event up to here was shown. */
  last: Seq
  #isPulling = false

  /** `last`: everything up to it is not for this device's user. */
  constructor(options: FollowerOptions, last: Seq) {
    this.#options = options
    this.last = last
  }

  /** One event, as it came over the socket. */
  take(event: ConversationEvent): void {
    const { conversationId, journal, now, userId } = this.#options
    const trace = traceOf(event)
    const isStart = trace.joined.includes(userId) && event.seq > this.last
    if (event.seq === this.last + 1 || isStart) {
      this.last = event.seq
      journal.observes(conversationId, { kind: 'applied', event: trace, atMs: now() })
      this.#apply(event)
    } else if (event.seq <= this.last) {
      journal.observes(conversationId, { kind: 'repeated', event: trace })
    } else {
      journal.observes(conversationId, { kind: 'gap', event: trace })
      this.#pull()
    }
  }

  /** The server says where the conversation stands. */
  hears(seq: Seq): void {
    if (seq > this.last && this.isMember) this.#pull()
  }

  replayed(seq: Seq): void {
    this.#options.journal.observes(this.#options.conversationId, { kind: 'replayed', seq })
    this.#isPulling = false
  }

  /** `gap_too_large`: what was shown is dropped. */
  reset(seq: Seq): void {
    this.#options.journal.observes(this.#options.conversationId, { kind: 'reset', seq })
    this.#isPulling = false
    this.last = seq
  }

  disconnected(): void {
    this.#isPulling = false
  }

  /** The user is not in it any more. */
  gone(): void {
    this.isMember = false
  }

  /** The server lists it, and was not told where this device stands. */
  listed(seq: Seq): void {
    this.isMember = true
    this.hears(seq)
  }

  #pull(): void {
    if (this.#isPulling) return
    this.#isPulling = true
    this.#options.pull(this.last)
  }

  #apply({ seq, authorId, content }: ConversationEvent): void {
    const { userId } = this.#options
    switch (content.kind) {
      case 'conversation_created':
        this.members = new Set(content.memberIds)
        this.creatorId = authorId
        break
      case 'members_added':
        for (const one of content.userIds) this.members.add(one)
        if (content.userIds.includes(userId)) this.isMember = true
        break
      case 'member_removed':
        this.#leave(content.userId)
        break
      case 'member_left':
        this.#leave(authorId)
        break
      case 'message_sent':
        remember(this.messages, seq)
        if (authorId === userId) remember(this.ownMessages, seq)
        break
      default:
    }
  }

  #leave(userId: UserId): void {
    this.members.delete(userId)
    if (userId === this.#options.userId) this.isMember = false
  }
}

const REMEMBERED_MESSAGES = 50

function remember(messages: Seq[], seq: Seq): void {
  messages.push(seq)
  if (messages.length > REMEMBERED_MESSAGES) messages.shift()
}
