import {
  createServerCodec,
  type ServerCodec,
  type ServerFrame,
  type WireForm,
} from '@satchel/protocol'

/** One codec per form for the whole process: they hold buffers that are worth sharing. */
export type ServerCodecs = Readonly<Record<WireForm, ServerCodec>>

export function createServerCodecs(): ServerCodecs {
  return { msgpack: createServerCodec('msgpack'), json: createServerCodec('json') }
}

/** A frame for many sockets, encoded at most once per form, when a socket of that form needs it. */
export class SharedFrame {
  readonly #codecs: ServerCodecs
  readonly #frame: ServerFrame
  #msgpack: Uint8Array | undefined
  #json: Uint8Array | undefined

  constructor(codecs: ServerCodecs, frame: ServerFrame) {
    this.#codecs = codecs
    this.#frame = frame
  }

  bytes(form: WireForm): Uint8Array {
    return form === 'msgpack'
      ? (this.#msgpack ??= this.#codecs.msgpack.encode(this.#frame))
      : (this.#json ??= this.#codecs.json.encode(this.#frame))
  }
}
