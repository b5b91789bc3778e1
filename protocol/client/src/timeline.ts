import type { ChatError, ConversationEvent, EventPage, ReactionCount, Seq } from '@satchel/protocol'
import {
  foldAttachment,
  foldBody,
  foldDeletion,
  foldOwnReaction,
  foldProgress,
  foldReaction,
  foldReactionCounts,
  foldSent,
  isOutdatedBy,
  mergeFolded,
} from './folded-message.ts'
import type { FoldContext, FoldedMessage, MessageSent } from './folded-message.ts'
import { LocalMessages } from './local-messages.ts'
import type { Message } from './message.ts'
import { commandKey } from './outbox-item.ts'
import { coverageOf, type PageRequest } from './page-coverage.ts'
import { SeqRanges } from './seq-ranges.ts'

/** More messages than this are not kept when new ones arrive; the oldest go. */
const MESSAGES_MAX = 5_000
const MESSAGES_KEPT = 4_000
/** Changes remembered for pages that were read before they happened. */
const RECENT_CHANGES_MAX = 500

/**
 * A conversation folded for a screen: whatever way a message and its changes come in, in whatever
 * order and however often, the newest version of each part stays.
 */
export class Timeline {
  readonly #context: () => FoldContext
  readonly #onChange: () => void
  readonly #held = new Map<Seq, FoldedMessage>()
  readonly #notices = new Map<Seq, ConversationEvent>()
  readonly #ranges = new SeqRanges()
  readonly #locals = new LocalMessages()
  readonly #seqByAttachment = new Map<string, Seq>()
  #recentChanges: ConversationEvent[] = []
  #hasOlder = true
  #view: readonly Message[] | undefined
  #noticesView: readonly ConversationEvent[] | undefined

  /** `onChange` is called whenever `messages` or `notices` would read differently. */
  constructor(context: () => FoldContext, onChange: () => void) {
    this.#context = context
    this.#onChange = onChange
  }

  /** What is loaded, by seq, then what is on its way or has failed. A new array after each change. */
  get messages(): readonly Message[] {
    return (this.#view ??= this.#buildView())
  }

  /** The loaded events that are not about one message: created, members, titles, pins. By seq. */
  get notices(): readonly ConversationEvent[] {
    return (this.#noticesView ??= [...this.#notices.values()].sort((a, b) => a.seq - b.seq))
  }

  /** There is, or may be, something before the first loaded message. */
  get hasOlder(): boolean {
    return this.#hasOlder
  }

  /** Something sent here is on its way, or has failed. */
  get hasLocal(): boolean {
    return this.#locals.all.length > 0
  }

  /** Whether every message between the two is loaded. */
  covers(from: Seq, to: Seq): boolean {
    return this.#ranges.connects(from, to)
  }

  /** How many messages there are up to `seq`, if that can be told. */
  ordinalAt(seq: Seq): number | undefined {
    const last = this.messages.findLast(
      (message) => message.seq !== undefined && message.seq <= seq,
    )
    if (last?.seq === undefined || !this.covers(last.seq, seq)) return undefined
    return last.ordinal
  }

  /** The next event of the conversation, as `event` listeners get it. `key`: it was sent here under this key. */
  apply(event: ConversationEvent, key: string | undefined): void {
    if (key !== undefined) this.#locals.settle(key, event.seq)
    this.#fold(event, event.seq)
    this.#ranges.add(event.seq, event.seq)
    if ('target' in event.content) {
      this.#recentChanges.push(event)
      if (this.#recentChanges.length > RECENT_CHANGES_MAX) this.#recentChanges.shift()
    }
    this.#locals.forgetUpTo(event.seq)
    this.#trim()
    this.#changed()
  }

  /** Of which loaded message an event tells that it is not any more as it is here, and not how it is. */
  outdatedBy(event: ConversationEvent): Seq | undefined {
    const held = 'target' in event.content ? this.#held.get(event.content.target) : undefined
    return held !== undefined && isOutdatedBy(held, event) ? held.message.seq : undefined
  }

  /** Merges a page of history. `localKey`: the key under which an event's message was sent here. */
  addPage(
    request: PageRequest,
    page: EventPage,
    localKey: (event: ConversationEvent) => string | undefined,
  ): void {
    const { events, head } = page
    for (const event of events) {
      const key = localKey(event)
      if (key !== undefined) this.#locals.settle(key, event.seq)
      this.#fold(event, Math.max(head.seq, event.seq))
    }
    // The page may have been read before changes that came meanwhile.
    for (const event of this.#recentChanges) if (event.seq > head.seq) this.#fold(event, event.seq)
    const { range, reachesStart } = coverageOf(request, page)
    if (range !== undefined) this.#ranges.add(range.from, range.to)
    if (reachesStart) this.#hasOlder = false
    this.#changed()
  }

  applyReactions(target: Seq, counts: readonly ReactionCount[]): void {
    this.#change(target, (held) => foldReactionCounts(held, counts, this.#context().myId))
  }

  applyOwnReaction(target: Seq, emoji: string, removed: boolean): void {
    this.#change(target, (held) => foldOwnReaction(held, emoji, removed))
  }

  applyProgress(attachmentId: string, sentBytes: number): void {
    const seq = this.#seqByAttachment.get(attachmentId)
    if (seq !== undefined) this.#change(seq, (held) => foldProgress(held, attachmentId, sentBytes))
  }

  addLocal(message: Message): void {
    this.#locals.add(message)
    this.#changed()
  }

  /** What was sent here has its place; it is shown as on its way until its event is there. */
  settleLocal(key: string, seq: Seq): void {
    this.#locals.settle(key, seq)
    if (!this.#ranges.has(seq)) return
    this.#locals.takeArrived(seq)
    this.#changed()
  }

  /** What was sent here has the place `seq`, and its event has not been seen. */
  awaits(seq: Seq): boolean {
    return this.#locals.awaits(seq)
  }

  failLocal(key: string, error: ChatError): void {
    this.#locals.fail(key, error)
    this.#changed()
  }

  removeLocal(key: string): void {
    this.#locals.remove(key)
    this.#changed()
  }

  /** Drops everything that came from the server; what follows `seq` is new. */
  reset(seq: Seq): void {
    this.#held.clear()
    this.#notices.clear()
    this.#ranges.clear()
    this.#seqByAttachment.clear()
    this.#recentChanges = []
    this.#hasOlder = true
    this.#locals.forgetUpTo(seq)
    this.#changed()
  }

  #fold(event: ConversationEvent, asOfSeq: Seq): void {
    const { content } = event
    switch (content.kind) {
      case 'message_sent':
        this.#hold({ ...event, content }, asOfSeq)
        return
      case 'message_edited': {
        const { body } = content
        if (body !== undefined) this.#change(content.target, (held) => foldBody(held, body))
        return
      }
      case 'message_deleted':
        this.#change(content.target, (held) => foldDeletion(held, event.seq))
        return
      case 'attachment_updated': {
        const { attachment } = content
        if (attachment !== undefined)
          this.#change(content.target, (held) => foldAttachment(held, attachment))
        return
      }
      case 'reaction_changed': {
        const { target, emoji, removed = false } = content
        const change = { seq: event.seq, userId: event.authorId, emoji, removed }
        this.#change(target, (held) => foldReaction(held, change, this.#context().myId))
        return
      }
      case 'conversation_deleted':
        this.reset(event.seq)
        this.#hasOlder = false
        this.#notices.set(event.seq, event)
        return
      case 'unknown':
        // Of a newer version; it has its seq, and nothing to show.
        return
      default:
        this.#notices.set(event.seq, event)
    }
  }

  #hold(event: MessageSent, asOfSeq: Seq): void {
    const known = this.#held.get(event.seq)
    const key = known?.message.key ?? this.#locals.takeArrived(event.seq) ?? keyOf(event)
    const arrived = foldSent(this.#context(), event, key, asOfSeq)
    this.#held.set(event.seq, known === undefined ? arrived : mergeFolded(known, arrived))
    for (const { id } of event.content.attachments ?? []) this.#seqByAttachment.set(id, event.seq)
  }

  #change(target: Seq, fold: (held: FoldedMessage) => FoldedMessage): void {
    const held = this.#held.get(target)
    if (held === undefined) return
    const folded = fold(held)
    if (folded === held) return
    this.#held.set(target, folded)
    this.#changed()
  }

  #trim(): void {
    if (this.#held.size <= MESSAGES_MAX) return
    const seqs = [...this.#held.keys()].sort((a, b) => a - b)
    const lowest = seqs[seqs.length - MESSAGES_KEPT] ?? 1
    for (const seq of seqs) if (seq < lowest) this.#held.delete(seq)
    for (const seq of [...this.#notices.keys()]) if (seq < lowest) this.#notices.delete(seq)
    for (const [id, seq] of this.#seqByAttachment) {
      if (seq < lowest) this.#seqByAttachment.delete(id)
    }
    this.#ranges.dropBelow(lowest)
    this.#hasOlder = true
  }

  #buildView(): readonly Message[] {
    const seqs = [...this.#held.keys()].sort((a, b) => a - b)
    const arrived: Message[] = []
    for (const [index, seq] of seqs.entries()) {
      const held = this.#held.get(seq)
      if (held === undefined) continue
      const previous = seqs[index - 1]
      const gapBefore = previous !== undefined && !this.#ranges.connects(previous, seq)
      if (gapBefore !== held.message.gapBefore) {
        // Kept, so that an unchanged message stays the same object from view to view.
        const message = { ...held.message, gapBefore }
        this.#held.set(seq, { ...held, message })
        arrived.push(message)
      } else {
        arrived.push(held.message)
      }
    }
    return [...arrived, ...this.#locals.all]
  }

  #changed(): void {
    this.#view = undefined
    this.#noticesView = undefined
    this.#onChange()
  }
}

/** The sender's devices know a message by its command; to everybody else it is its seq. */
function keyOf({ commandId, seq }: ConversationEvent): string {
  return commandId === undefined ? `#${String(seq)}` : commandKey(commandId)
}
