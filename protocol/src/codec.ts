import { ByteSlab } from './byte-slab.ts'
import { ChatError } from './chat-error.ts'
import { CLIENT_DECODE_LIMITS, SERVER_DECODE_LIMITS, refusedMessage } from './decode-limits.ts'
import type { DecodeLimits } from './decode-limits.ts'
import { CLIENT_FRAMES, SERVER_FRAMES } from './frames.ts'
import type { ClientFrame, FrameLayout, ServerFrame } from './frames.ts'
import { parseJsonLines } from './json-lines.ts'
import { MessagePackReader } from './message-pack-reader.ts'
import { MessagePackWriter } from './message-pack-writer.ts'
import { REQUESTS } from './requests.ts'
import type { RequestName, ResultOf } from './requests.ts'
import { tuple } from './schema/index.ts'
import type { Fields, Schema, TupleSchema, WireForm } from './schema/index.ts'

export const SUBPROTOCOLS = { msgpack: 'satchel.v1', json: 'satchel.v1.json' } as const

/** A frame that is well-formed but not understood: what to answer, and to which request. */
export interface UnreadableFrame {
  readonly type: 'unreadable'
  readonly requestId: number | undefined
  readonly error: ChatError
}

/** A frame's layout and its schema, found by op when reading and by type when writing. */
interface Layout {
  readonly type: string
  readonly op: number
  readonly schema: TupleSchema<Fields>
  /** Requests and answers name a request in their first field. */
  readonly namesRequest: boolean
}

interface Direction {
  readonly byOp: ReadonlyMap<number, Layout>
  readonly byType: ReadonlyMap<string, Layout>
  readonly limits: DecodeLimits
  /** An operation nobody knows may be a newer request, which is answered, or a newer push, which is not. */
  readonly unknownMayBeRequest: boolean
}

function directionOf(
  frames: readonly FrameLayout[],
  options: Pick<Direction, 'limits' | 'unknownMayBeRequest'>,
): Direction {
  const layouts = frames.map(({ type, op, fields }) => ({
    type,
    op,
    schema: tuple(fields, type),
    namesRequest: 'requestId' in fields,
  }))
  return {
    byOp: new Map(layouts.map((layout) => [layout.op, layout])),
    byType: new Map(layouts.map((layout) => [layout.type, layout])),
    ...options,
  }
}

const FROM_CLIENT = directionOf(CLIENT_FRAMES, {
  limits: CLIENT_DECODE_LIMITS,
  unknownMayBeRequest: true,
})
const FROM_SERVER = directionOf(SERVER_FRAMES, {
  limits: SERVER_DECODE_LIMITS,
  unknownMayBeRequest: false,
})

const utf8 = new TextEncoder()

/**
 * Turns WebSocket messages into frames and back, for one direction each way.
 *
 * Decoding enforces its limits on the raw bytes first and throws `ChatError('bad_frame')` for bytes
 * that are no frames at all; a single frame that is not understood comes back as `unreadable`.
 * Not to be shared between threads: its buffers are reused.
 */
export class Codec<Incoming, Outgoing extends { readonly type: string }> {
  readonly form: WireForm
  readonly #incoming: Direction
  readonly #outgoing: Direction
  readonly #reader: MessagePackReader
  readonly #writer = new MessagePackWriter()
  readonly #slab = new ByteSlab()

  constructor(form: WireForm, side: 'client' | 'server') {
    this.form = form
    this.#incoming = side === 'server' ? FROM_CLIENT : FROM_SERVER
    this.#outgoing = side === 'server' ? FROM_SERVER : FROM_CLIENT
    this.#reader = new MessagePackReader(this.#incoming.limits)
  }

  /** The frames of one WebSocket message. The bytes are not kept. */
  decode(message: Uint8Array | string): (Incoming | UnreadableFrame)[] {
    const { limits } = this.#incoming
    if (message.length > limits.maxBytes) {
      throw refusedMessage(`is longer than ${String(limits.maxBytes)} bytes`)
    }
    const values = this.form === 'json' ? parseJsonLines(message, limits) : this.#unpack(message)
    const frames: (Incoming | UnreadableFrame)[] = []
    for (const value of values) frames.push(this.#read(value))
    return frames
  }

  /** One frame, ready to be sent; frames may be put back to back in one message. */
  encode(frame: Outgoing): Uint8Array<ArrayBuffer> {
    const layout = this.#outgoing.byType.get(frame.type)
    if (layout === undefined) throw new ChatError('internal', `no frame is called ${frame.type}`)
    const values = layout.schema.formatInto([layout.op], frame, this.form)
    return this.form === 'msgpack'
      ? this.#slab.copy(this.#writer.write(values))
      : utf8.encode(`${JSON.stringify(values)}\n`)
  }

  #unpack(message: Uint8Array | string): unknown[] {
    if (typeof message === 'string') throw refusedMessage('is text, expected MessagePack')
    return this.#reader.read(message)
  }

  #read(value: unknown): Incoming | UnreadableFrame {
    if (!Array.isArray(value) || !Number.isSafeInteger(value[0])) {
      throw refusedMessage('has a frame that is not an array starting with an operation number')
    }
    const op = value[0] as number
    const layout = this.#incoming.byOp.get(op)
    if (layout === undefined) {
      const error = new ChatError('unknown_op', `operation ${String(op)} is not known here`)
      const requestId = this.#incoming.unknownMayBeRequest ? readRequestId(value) : undefined
      return { type: 'unreadable', requestId, error }
    }
    try {
      return layout.schema.parseInto({ type: layout.type }, value, 1, this.form) as Incoming
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      const requestId = layout.namesRequest ? readRequestId(value) : undefined
      return { type: 'unreadable', requestId, error }
    }
  }
}

/** What a server speaks. */
export type ServerCodec = Codec<ClientFrame, ServerFrame>
/** What a client speaks. */
export type ClientCodec = Codec<ServerFrame, ClientFrame>

export function createServerCodec(form: WireForm): ServerCodec {
  return new Codec(form, 'server')
}

export function createClientCodec(form: WireForm): ClientCodec {
  return new Codec(form, 'client')
}

/** A result's value as its frame carries it. */
export function formatResult<Name extends RequestName>(
  name: Name,
  value: ResultOf<Name>,
  form: WireForm,
): unknown {
  return (REQUESTS[name].result as Schema<ResultOf<Name>>).format(value, form)
}

/** A result's value as the caller of the request gets it. */
export function parseResult<Name extends RequestName>(
  name: Name,
  value: unknown,
  form: WireForm,
): ResultOf<Name> {
  return (REQUESTS[name].result as Schema<ResultOf<Name>>).parse(value, form)
}

/** The sub-protocol a client offered that this codec speaks, MessagePack first. */
export function chooseForm(offered: readonly string[]): WireForm | undefined {
  if (offered.includes(SUBPROTOCOLS.msgpack)) return 'msgpack'
  return offered.includes(SUBPROTOCOLS.json) ? 'json' : undefined
}

function readRequestId(frame: readonly unknown[]): number | undefined {
  const candidate = frame[1]
  return typeof candidate === 'number' && Number.isSafeInteger(candidate) && candidate > 0
    ? candidate
    : undefined
}
