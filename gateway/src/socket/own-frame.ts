import {
  commandId,
  type ConversationEvent,
  type ConversationId,
  type WireForm,
} from '@satchel/protocol'
import { SharedFrame, type ServerCodecs } from './shared-frame.ts'

// An event frame in MessagePack: array of 3, op, conversation id (bin 8, 16 bytes), then the event.
const EVENT_AT = 1 + 1 + 2 + 16
/** Array of the five fields an event has without a command id, and with it. */
const FIVE_FIELDS = 0x95
const SIX_FIELDS = 0x96
const BIN_8 = 0xc4

/**
 * An event's frame with its author's command id. Every message needs one, for a single session: so its
 * MessagePack is not encoded again but made of the frame everybody else gets, with the id behind it.
 */
export class OwnFrame {
  readonly #plain: SharedFrame
  readonly #event: ConversationEvent
  readonly #full: SharedFrame
  #spliced: Uint8Array | undefined

  constructor(
    codecs: ServerCodecs,
    plain: SharedFrame,
    conversationId: ConversationId,
    event: ConversationEvent,
  ) {
    this.#plain = plain
    this.#event = event
    this.#full = new SharedFrame(codecs, { type: 'event', conversationId, event })
  }

  bytes(form: WireForm): Uint8Array {
    if (form === 'json') return this.#full.bytes(form)
    return (this.#spliced ??= this.#splice())
  }

  #splice(): Uint8Array {
    const plain = this.#plain.bytes('msgpack')
    const id = this.#event.commandId
    const raw = id === undefined ? undefined : commandId.format(id, 'msgpack')
    if (plain[EVENT_AT] !== FIVE_FIELDS || !(raw instanceof Uint8Array))
      return this.#full.bytes('msgpack')
    // Cut out of Node's pool: memory of its own would cost more than filling it.
    const own = Buffer.allocUnsafe(plain.length + 2 + raw.length)
    own.set(plain)
    own[EVENT_AT] = SIX_FIELDS
    own[plain.length] = BIN_8
    own[plain.length + 1] = raw.length
    own.set(raw, plain.length + 2)
    return own
  }
}
