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

/** The event as clients get it: with links to its thumbnails, the same for all of them. */
export function linked(format: Linking, event: ConversationEvent): ConversationEvent {
  return withEventLinks(format.links, event, format.clock.nowMs())
}

/** A line of the inbox as clients get it. */
export function linkedEntry(format: Linking, entry: InboxEntry): InboxEntry {
  const { lastMessage } = entry
  return lastMessage === undefined ? entry : { ...entry, lastMessage: linked(format, lastMessage) }
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
    opensHistory: boolean | undefined,
  ) {
    const { commandId } = delivered
    const event = linked(format, delivered.event)
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

  bytes(form: WireForm, readerId: UserId, joinedSeq: Seq): Uint8Array {
    // Who has just written it knows what it says.
    if (this.#own !== undefined && readerId === this.#authorId) return this.#own.bytes(form)
    const isHidden = this.#bare !== undefined && this.#hiddenSeq < joinedSeq
    return (isHidden ? this.#bare : this.#plain).bytes(form)
  }
}
