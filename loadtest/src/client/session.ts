import {
  SUBPROTOCOLS,
  type ClientCodec,
  type ClientFrame,
  type PushFrame,
  type RequestName,
  type ResultOf,
  type Welcome,
} from '@satchel/protocol'
import { openRawWebSocket, type RawWebSocket } from '../wire/raw-web-socket.ts'
import { Exchange, type RequestFields } from './exchange.ts'

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

/** One socket that speaks the protocol. */
export class Session {
  readonly #exchange: Exchange
  readonly #listener: SessionListener
  #socket: RawWebSocket | undefined

  constructor(codec: ClientCodec, listener: SessionListener) {
    this.#listener = listener
    this.#exchange = new Exchange({
      codec,
      send: (message) => this.#socket?.sendBinary(message),
      pushed: listener.pushed,
    })
  }

  get isOpen(): boolean {
    return this.#socket?.isOpen === true
  }

  /** Connects and says `hello`. Rejects when either does not come about. */
  async open(address: SessionAddress, hello: RequestFields<'hello'>): Promise<Welcome> {
    this.#socket = await openRawWebSocket({
      ...address,
      path: '/v1/socket',
      subprotocol: SUBPROTOCOLS.msgpack,
      onMessage: (payload) => this.#exchange.take(payload),
      onClose: (code) => {
        this.#exchange.end()
        this.#listener.closed(code)
      },
    })
    return this.request('hello', hello)
  }

  /**
   * Rejects with what the server answered, and with `retry` when the connection ended before.
   * `accepted` is called when the server says that a command is durable, but not yet decided.
   */
  request<Name extends RequestName>(
    name: Name,
    fields: RequestFields<Name>,
    accepted?: () => void,
  ): Promise<ResultOf<Name>> {
    return this.#exchange.request(name, fields, accepted)
  }

  send(frame: ClientFrame): void {
    this.#exchange.send(frame)
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
}
