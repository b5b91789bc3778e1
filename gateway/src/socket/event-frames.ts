import type {
  ConversationEvent,
  ConversationId,
  InboxEntry,
  Seq,
  UserId,
  WireForm,
} from '@satchel/protocol'
import { bareChange, changedMessageOf, withEventLinks, type MediaLinks } from '@satchel/chat-core'
import type { Clock, DeliveredEvent } from '@satchel/chat-core/ports'
import { OwnFrame } from './own-frame.ts'
import { SharedFrame, type ServerCodecs } from './shared-frame.ts'

/** What events need before they go out: encoding, and the links of their thumbnails. */
export interface EventFormat {
  readonly codecs: ServerCodecs
  readonly links: MediaLinks
  readonly clock: Clock
}

type Linking = Pick<EventFormat, 'links' | 'clock'>

/** What the conversation says about its readers; not known before the first event. */
export interface ConversationRules {
  /** Newcomers hear what becomes of what was said before they came. */
  readonly opensHistory: boolean | undefined
  /** Links to media are given to nobody unasked. */
  readonly strictLinks: boolean | undefined
}

/** The event as clients get it: with links to its thumbnails, the same for all of them, where none need be asked for. */
export function linked(
  format: Linking,
  event: ConversationEvent,
  strictLinks: boolean,
): ConversationEvent {
  return strictLinks ? event : withEventLinks(format.links, event, format.clock.nowMs())
}

/** A line of the inbox as clients get it. */
export function linkedEntry(format: Linking, entry: InboxEntry): InboxEntry {
  const { lastMessage, settings } = entry
  if (lastMessage === undefined) return entry
  const strictLinks = settings?.strictLinks === true
  return { ...entry, lastMessage: linked(format, lastMessage, strictLinks) }
}

/**
 * An event's frame as everybody gets it, as its author's devices do (with the command's id), and as those do
 * who joined after the message it changes: without what that says now.
 */
export class EventFrames {
  /** The message whose change is told only to those who were there; 0: there is nothing to hide. */
  readonly #hiddenSeq: Seq
  readonly #mayHide: boolean
  readonly #bare: SharedFrame | undefined
  readonly #authorId: UserId
  readonly #plain: SharedFrame
  readonly #own: OwnFrame | undefined

  constructor(
    format: EventFormat,
    conversationId: ConversationId,
    delivered: DeliveredEvent,
    { opensHistory, strictLinks }: ConversationRules,
  ) {
    const { commandId } = delivered
    const event = linked(format, delivered.event, strictLinks !== false)
    this.#authorId = event.authorId
    this.#plain = new SharedFrame(format.codecs, { type: 'event', conversationId, event })
    if (commandId !== undefined)
      this.#own = new OwnFrame(format.codecs, this.#plain, conversationId, { ...event, commandId })
    this.#hiddenSeq = opensHistory === true ? 0 : (changedMessageOf(event) ?? 0)
    this.#mayHide = opensHistory === false
    if (this.#hiddenSeq > 0)
      this.#bare = new SharedFrame(format.codecs, {
        type: 'event',
        conversationId,
        event: bareChange(event),
      })
  }

  /** Whether it cannot be told here how much of it is for somebody who came then. */
  dependsOn(joinedSeq: Seq): boolean {
    if (this.#hiddenSeq === 0 || this.#hiddenSeq >= joinedSeq) return false
    return joinedSeq === Infinity || !this.#mayHide
  }

  /** Whether this reader has just said it, here or on another device. */
  isOwn(readerId: UserId): boolean {
    return this.#own !== undefined && readerId === this.#authorId
  }

  bytes(form: WireForm, readerId: UserId, joinedSeq: Seq): Uint8Array {
    // Who has just written it knows what it says.
    if (this.#own !== undefined && readerId === this.#authorId) return this.#own.bytes(form)
    const isHidden = this.#bare !== undefined && this.#hiddenSeq < joinedSeq
    return (isHidden ? this.#bare : this.#plain).bytes(form)
  }
}
