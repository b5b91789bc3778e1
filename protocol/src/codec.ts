import { Decoder, Encoder } from '@msgpack/msgpack'
import { ChatError } from './chat-error.ts'
import { CLIENT_FRAMES, SERVER_FRAMES } from './frames.ts'
import type { ClientFrame, FrameLayout, ServerFrame } from './frames.ts'
import { LIMITS } from './limits.ts'
import { REQUESTS } from './requests.ts'
import type { RequestName, ResultOf } from './requests.ts'
import { scanJson, scanMessagePack } from './scan.ts'
import type { DecodeLimits } from './scan.ts'
import { tuple } from './schema.ts'
import type { Schema, WireForm } from './schema.ts'

export const SUBPROTOCOLS = { msgpack: 'satchel.v1', json: 'satchel.v1.json' } as const

/** A frame that is well-formed but not understood: what to answer, and to which request. */
export interface UnreadableFrame {
  readonly type: 'unreadable'
  readonly requestId: number | undefined
  readonly error: ChatError
}

interface ReadableFrame {
  readonly type: string
  readonly schema: Schema<object>
}

const CLIENT_LIMITS: DecodeLimits = {
  maxFrames: LIMITS.maxFramesPerMessage,
  maxNesting: LIMITS.maxNesting,
  maxArrayLength: LIMITS.maxArrayLength,
  maxMapLength: LIMITS.maxMapLength,
}
const SERVER_LIMITS: DecodeLimits = {
  maxFrames: LIMITS.maxServerArrayLength,
  maxNesting: LIMITS.maxNesting + 4,
  maxArrayLength: LIMITS.maxServerArrayLength,
  maxMapLength: LIMITS.maxMapLength * 4,
}

const FIRST_REQUEST_OP = Math.min(...Object.values(REQUESTS).map((definition) => definition.op))
const LAST_REQUEST_OP = Math.max(...Object.values(REQUESTS).map((definition) => definition.op))

function readable(layouts: readonly FrameLayout[]): ReadonlyMap<number, ReadableFrame> {
  return new Map(layouts.map(({ op, type, fields }) => [op, { type, schema: tuple(fields, type) }]))
}

function opsByType(
  layouts: readonly FrameLayout[],
): ReadonlyMap<string, { op: number; schema: Schema<object> }> {
  return new Map(layouts.map(({ op, type, fields }) => [type, { op, schema: tuple(fields, type) }]))
}

const READABLE = { client: readable(CLIENT_FRAMES), server: readable(SERVER_FRAMES) }
const WRITABLE = { client: opsByType(CLIENT_FRAMES), server: opsByType(SERVER_FRAMES) }

/**
 * Turns WebSocket messages into frames and back, for one direction each way.
 *
 * Decoding enforces its limits on the raw bytes first and throws `ChatError('bad_frame')` for bytes
 * that are no frames at all; a single frame that is not understood comes back as `unreadable`.
 * Not shared between threads: encoder and decoder are reused.
 */
export class Codec<Incoming, Outgoing extends { readonly type: string }> {
  readonly form: WireForm
  readonly #incoming: ReadonlyMap<number, ReadableFrame>
  readonly #outgoing: ReadonlyMap<string, { op: number; schema: Schema<object> }>
  readonly #limits: DecodeLimits
  readonly #encoder = new Encoder({ ignoreUndefined: true })
  readonly #decoder: Decoder

  constructor(form: WireForm, side: 'client' | 'server') {
    this.form = form
    this.#incoming = side === 'server' ? READABLE.client : READABLE.server
    this.#outgoing = side === 'server' ? WRITABLE.server : WRITABLE.client
    this.#limits = side === 'server' ? CLIENT_LIMITS : SERVER_LIMITS
    this.#decoder = new Decoder({
      maxArrayLength: this.#limits.maxArrayLength,
      maxMapLength: this.#limits.maxMapLength,
      maxExtLength: 0,
    })
  }

  /** The frames of one WebSocket message. The bytes are not kept. */
  decode(message: Uint8Array | string): (Incoming | UnreadableFrame)[] {
    return this.#values(message).map((value) => this.#read(value))
  }

  /** One frame, ready to be sent; frames may be put back to back in one message. */
  encode(frame: Outgoing): Uint8Array<ArrayBuffer> {
    const layout = this.#outgoing.get(frame.type)
    if (layout === undefined) throw new ChatError('internal', `no frame is called ${frame.type}`)
    const values = [layout.op, ...(layout.schema.format(frame, this.form) as readonly unknown[])]
    return this.form === 'msgpack'
      ? this.#encoder.encode(values)
      : new TextEncoder().encode(`${JSON.stringify(values)}\n`)
  }

  #values(message: Uint8Array | string): unknown[] {
    if (this.form === 'json') return this.#jsonValues(message)
    if (typeof message === 'string')
      throw new ChatError('bad_frame', 'the message is text, expected MessagePack')
    scanMessagePack(message, this.#limits)
    try {
      return [...this.#decoder.decodeMulti(message)]
    } catch (error) {
      throw new ChatError('bad_frame', 'the message is not MessagePack', { cause: error })
    }
  }

  #jsonValues(message: Uint8Array | string): unknown[] {
    const text = typeof message === 'string' ? message : new TextDecoder().decode(message)
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    if (lines.length > this.#limits.maxFrames) {
      throw new ChatError(
        'bad_frame',
        `the message holds more than ${String(this.#limits.maxFrames)} frames`,
      )
    }
    return lines.map((line) => {
      scanJson(line, this.#limits.maxNesting)
      try {
        const value: unknown = JSON.parse(line)
        return value
      } catch (error) {
        throw new ChatError('bad_frame', 'the message is not JSON, one frame a line', {
          cause: error,
        })
      }
    })
  }

  #read(value: unknown): Incoming | UnreadableFrame {
    if (!Array.isArray(value) || !Number.isInteger(value[0])) {
      throw new ChatError(
        'bad_frame',
        'a frame is not an array that starts with an operation number',
      )
    }
    const op = value[0] as number
    const layout = this.#incoming.get(op)
    if (layout === undefined) {
      const error = new ChatError('unknown_op', `operation ${String(op)} is not known here`)
      return { type: 'unreadable', requestId: requestIdOf(value, true), error }
    }
    try {
      return { type: layout.type, ...layout.schema.parse(value.slice(1), this.form) } as Incoming
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      const isRequest = op >= FIRST_REQUEST_OP && op <= LAST_REQUEST_OP
      return { type: 'unreadable', requestId: requestIdOf(value, isRequest), error }
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

function requestIdOf(value: readonly unknown[], isRequest: boolean): number | undefined {
  const candidate = value[1]
  return isRequest &&
    typeof candidate === 'number' &&
    Number.isSafeInteger(candidate) &&
    candidate > 0
    ? candidate
    : undefined
}
