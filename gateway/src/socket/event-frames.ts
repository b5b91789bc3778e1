import type {
  ConversationEvent,
  ConversationId,
  InboxEntry,
  UserId,
  WireForm,
} from '@satchel/protocol'
import { withEventLinks, type MediaLinks } from '@satchel/chat-core'
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

/** An event's frame as everybody gets it, and as its author's devices do: with the command's id. */
export class EventFrames {
  readonly #authorId: UserId
  readonly #plain: SharedFrame
  readonly #own: OwnFrame | undefined

  constructor(format: EventFormat, conversationId: ConversationId, delivered: DeliveredEvent) {
    const { commandId } = delivered
    const event = linked(format, delivered.event)
    this.#authorId = event.authorId
    this.#plain = new SharedFrame(format.codecs, { type: 'event', conversationId, event })
    if (commandId !== undefined)
      this.#own = new OwnFrame(format.codecs, this.#plain, conversationId, { ...event, commandId })
  }

  bytes(form: WireForm, readerId: UserId): Uint8Array {
    const frame = readerId === this.#authorId ? (this.#own ?? this.#plain) : this.#plain
    return frame.bytes(form)
  }
}
