import {
  ChatError,
  parseErrorCode,
  parseResult,
  SUBPROTOCOLS,
  type ClientCodec,
  type ClientFrame,
  type PushFrame,
  type RequestFrameOf,
  type RequestName,
  type ResultOf,
  type ServerFrame,
  type Welcome,
} from '@satchel/protocol'
import { openRawWebSocket, type RawWebSocket } from '../wire/raw-web-socket.ts'

export interface SessionAddress {
  readonly host: string
  readonly port: number
  readonly localAddress?: string | undefined
}

export interface SessionListener {
  /** What the server sends of itself; `ping` is answered already. */
  readonly pushed: (frame: PushFrame) => void
  readonly closed: (code: number) => void
}

type Fields<Name extends RequestName> = Omit<RequestFrameOf<Name>, 'type' | 'requestId'>

interface Waiting {
  readonly name: RequestName
  readonly resolve: (value: unknown) => void
  readonly reject: (error: ChatError) => void
  readonly accepted: (() => void) | undefined
}

/** One socket that speaks the protocol: frames in and out, answers matched with their requests. */
export class Session {
  readonly #codec: ClientCodec
  readonly #listener: SessionListener
  readonly #waiting = new Map<number, Waiting>()
  #socket: RawWebSocket | undefined
  #requestId = 0

  constructor(codec: ClientCodec, listener: SessionListener) {
    this.#codec = codec
    this.#listener = listener
  }

  get isOpen(): boolean {
    return this.#socket?.isOpen === true
  }

  /** Connects and says `hello`. Rejects when either does not come about. */
  async open(address: SessionAddress, hello: Fields<'hello'>): Promise<Welcome> {
    this.#socket = await openRawWebSocket({
      ...address,
      path: '/v1/socket',
      subprotocol: SUBPROTOCOLS.msgpack,
      onMessage: (payload) => this.#take(payload),
      onClose: (code) => this.#closed(code),
    })
    return this.request('hello', hello)
  }

  /**
   * Rejects with what the server answered, and with `retry` when the connection ended before.
   * `accepted` is called when the server says that a command is durable, but not yet decided.
   */
  request<Name extends RequestName>(
    name: Name,
    fields: Fields<Name>,
    accepted?: () => void,
  ): Promise<ResultOf<Name>> {
    const requestId = ++this.#requestId
    return new Promise((resolve, reject) => {
      if (!this.isOpen) {
        reject(connectionLost())
        return
      }
      this.#waiting.set(requestId, {
        name,
        resolve: (value) => resolve(parseResult(name, value, 'msgpack')),
        reject,
        accepted,
      })
      this.send(parseRequestFrame(name, requestId, fields))
    })
  }

  send(frame: ClientFrame): void {
    this.#socket?.sendBinary(this.#codec.encode(frame))
  }

  pause(): void {
    this.#socket?.pause()
  }

  resume(): void {
    this.#socket?.resume()
  }

  /** Cuts the connection; what is unanswered is rejected with `retry`. */
  destroy(): void {
    this.#socket?.destroy()
  }

  #take(payload: Buffer): void {
    for (const frame of this.#codec.decode(payload)) {
      if (frame.type === 'unreadable') throw frame.error
      this.#takeFrame(frame)
    }
  }

  #takeFrame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'result':
        this.#settle(frame.requestId)?.resolve(frame.value)
        return
      case 'error': {
        const code = parseErrorCode(frame.code) ?? 'internal'
        const error = new ChatError(code, frame.message, frame.details)
        this.#settle(frame.requestId)?.reject(error)
        return
      }
      case 'accepted':
        this.#waiting.get(frame.requestId)?.accepted?.()
        return
      case 'ping':
        this.send({ type: 'pong' })
        return
      default:
        this.#listener.pushed(frame)
    }
  }

  #settle(requestId: number): Waiting | undefined {
    const waiting = this.#waiting.get(requestId)
    this.#waiting.delete(requestId)
    return waiting
  }

  #closed(code: number): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(connectionLost())
    this.#listener.closed(code)
  }
}

function connectionLost(): ChatError {
  return new ChatError('retry', 'the connection ended before the answer came')
}

/** The table's key and the frame's type are the same name, which the compiler cannot see. */
function parseRequestFrame<Name extends RequestName>(
  name: Name,
  requestId: number,
  fields: Fields<Name>,
): ClientFrame {
  return { type: name, requestId, ...fields } as unknown as ClientFrame
}
