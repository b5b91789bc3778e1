import type { OpenWebSocket, WebSocketEvent, WebSocketLike } from '@satchel/client'
import { openRawWebSocket, type RawWebSocket } from '../wire/raw-web-socket.ts'

type Listener = (event: WebSocketEvent) => void

/** For `ChatClient`: sockets that come from this address, and cost less than the platform's. */
export function openSpreadWebSocket(localAddress: string): OpenWebSocket {
  return (url, subprotocol) => new SpreadWebSocket(new URL(url), subprotocol, localAddress)
}

class SpreadWebSocket implements WebSocketLike {
  binaryType = 'arraybuffer'
  readonly #listeners = new Map<string, Listener[]>()
  #socket: RawWebSocket | undefined
  #isClosed = false

  constructor({ hostname, port, pathname }: URL, subprotocol: string, localAddress: string) {
    const opening = openRawWebSocket({
      host: hostname,
      port: Number(port),
      path: pathname,
      subprotocol,
      localAddress,
      // A view of what is read next: the client may keep it.
      onMessage: (payload) => this.#emit({ type: 'message', data: new Uint8Array(payload).buffer }),
      onClose: (code) => this.#emit({ type: 'close', code, reason: '' }),
    })
    opening.then(
      (socket) => this.#opened(socket),
      () => this.#emit({ type: 'close', code: 1006, reason: '' }),
    )
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    this.#socket?.sendBinary(data)
  }

  close(): void {
    this.#isClosed = true
    this.#socket?.destroy()
  }

  addEventListener(type: string, listener: Listener): void {
    const listeners = this.#listeners.get(type) ?? []
    this.#listeners.set(type, [...listeners, listener])
  }

  #opened(socket: RawWebSocket): void {
    this.#socket = socket
    if (this.#isClosed) socket.destroy()
    else this.#emit({ type: 'open' })
  }

  #emit(event: WebSocketEvent): void {
    for (const listener of this.#listeners.get(event.type) ?? []) listener(event)
  }
}
