import { WebSocket } from 'k6/websockets'

export interface SocketOptions {
  readonly url: string
  readonly subprotocol: string
  readonly onMessage: (message: Uint8Array) => void
  /** Once, after it was open. */
  readonly onClose: () => void
}

export interface OpenSocket {
  send(message: Uint8Array<ArrayBuffer>): void
  close(): void
}

/** Rejects when the server refuses it. */
export function openSocket(options: SocketOptions): Promise<OpenSocket> {
  const { url, subprotocol, onMessage, onClose } = options
  return new Promise((resolve, reject) => {
    // k6 passes over its second argument, and takes the header as it is.
    const socket = new WebSocket(url, null, {
      headers: { 'Sec-WebSocket-Protocol': subprotocol },
    })
    // Declared as an enum, which only the declarations have.
    Object.assign(socket, { binaryType: 'arraybuffer' })
    socket.onopen = () => {
      resolve({
        // Frames share one buffer, and k6 sends the whole of it behind a view.
        send: (message) => socket.send(message.slice().buffer),
        close: () => socket.close(),
      })
    }
    socket.onmessage = (event) => {
      if (event?.data instanceof ArrayBuffer) onMessage(new Uint8Array(event.data))
    }
    socket.onerror = (event) => reject(new Error(event?.error ?? 'the socket failed'))
    socket.onclose = () => {
      reject(new Error(`${url} closed the connection at once`))
      onClose()
    }
  })
}
