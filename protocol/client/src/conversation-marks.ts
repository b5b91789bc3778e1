import type { ConversationId, Mark, MarkKind, Seq, UserId } from '@satchel/protocol'
import type { Inbox } from './inbox.ts'
import type { MarkSender, MemberMarks } from './mark-sender.ts'
import type { Timeline } from './timeline.ts'

export interface ConversationMarksDeps {
  readonly id: () => ConversationId | undefined
  readonly myId: () => UserId | undefined
  readonly inbox: Inbox
  readonly timeline: Timeline
  readonly sender: MarkSender
  readonly onChange: (marks: MemberMarks) => void
  /** Only the server can say how many mentions are left. */
  readonly refreshEntry: (conversationId: ConversationId) => void
}

/** How far everybody has read and received in one conversation, the user included. */
export class ConversationMarks {
  readonly #deps: ConversationMarksDeps
  #members: ReadonlyMap<UserId, MemberMarks> = new Map()

  constructor(deps: ConversationMarksDeps) {
    this.#deps = deps
  }

  get members(): ReadonlyMap<UserId, MemberMarks> {
    return this.#members
  }

  /** The user marks `seq` on this device. */
  mark(kind: MarkKind, seq: Seq): void {
    this.#deps.sender.mark(kind, seq)
    const entry = this.#entry()
    if (kind !== 'read' || entry === undefined || seq <= entry.read.seq) return
    const { timeline } = this.#deps
    const ordinal = seq >= entry.head.seq ? entry.head.ordinal : timeline.ordinalAt(seq)
    // Unknown only for a message that is not loaded; the server's own signal will tell.
    if (ordinal !== undefined) this.#noteOwnRead({ seq, ordinal })
  }

  /** A mark as the server tells it, of anybody. */
  note(userId: UserId, kind: MarkKind, mark: Mark): void {
    if (userId === this.#deps.myId() && kind === 'read') this.#noteOwnRead(mark)
    this.noteMember(userId, { [kind]: mark.seq })
  }

  noteMember(userId: UserId, marks: { readonly read?: Seq; readonly delivered?: Seq }): void {
    const known = this.#members.get(userId) ?? { userId, read: 0, delivered: 0 }
    const read = Math.max(known.read, marks.read ?? 0)
    const delivered = Math.max(known.delivered, marks.delivered ?? 0)
    if (read === known.read && delivered === known.delivered) return
    const changed = { userId, read, delivered }
    this.#members = new Map([...this.#members, [userId, changed]])
    this.#deps.onChange(changed)
  }

  /** They are no member any more: nobody waits for them to read anything. */
  forget(userId: UserId): void {
    const known = this.#members.get(userId)
    if (known === undefined) return
    this.#members = new Map([...this.#members].filter(([id]) => id !== userId))
    this.#deps.onChange(known)
  }

  #noteOwnRead(mark: Mark): void {
    const id = this.#deps.id()
    if (id === undefined) return
    this.#deps.inbox.applyRead(id, mark, this.#countMentions(mark.seq))
  }

  /** Mentions of the user after `seq`. */
  #countMentions(seq: Seq): number {
    const entry = this.#entry()
    const myId = this.#deps.myId()
    if (entry === undefined || myId === undefined || entry.mentions === 0) return 0
    if (seq >= entry.head.seq) return 0
    const { timeline } = this.#deps
    if (!timeline.covers(seq + 1, entry.head.seq)) {
      this.#deps.refreshEntry(entry.conversationId)
      return entry.mentions
    }
    return timeline.messages.filter(
      (message) =>
        (message.seq ?? 0) > seq &&
        !message.mine &&
        (message.mentionAll || message.mentions.includes(myId)),
    ).length
  }

  #entry() {
    const id = this.#deps.id()
    return id === undefined ? undefined : this.#deps.inbox.get(id)
  }
}
