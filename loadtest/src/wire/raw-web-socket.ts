import { createHash, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { encodeClientFrame, OPCODES, ServerFrameReader } from './web-socket-frames.ts'

export interface RawWebSocketOptions {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly subprotocol?: string | undefined
  /** Where to connect from: one loopback address has too few ports for many thousand sockets. */
  readonly localAddress?: string | undefined
  readonly timeoutMs?: number | undefined
  /** One message; a view, to be used at once. */
  readonly onMessage: (payload: Buffer, isBinary: boolean) => void
  /** Once, after the socket was open; the server's close code, or 1006 when there was none. */
  readonly onClose: (code: number) => void
}

const KEY_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const OPEN_TIMEOUT_MS = 10_000
const MAX_HANDSHAKE_BYTES = 16_384
const NO_CODE = 1006

/** A WebSocket on a bare TCP socket: no mask to compute, no events, no buffering of its own. */
export class RawWebSocket {
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  sendBinary(payload: Uint8Array): void {
    this.#send(OPCODES.binary, payload)
  }

  sendText(text: string): void {
    this.#send(OPCODES.text, Buffer.from(text))
  }

  /** Stops reading, as a client does that hangs: the server's send buffer fills. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Cuts the connection without a word. */
  destroy(): void {
    this.#socket.destroy()
  }

  #send(opcode: number, payload: Uint8Array): void {
    if (this.isOpen) this.#socket.write(encodeClientFrame(opcode, payload))
  }
}

/** Opens one; rejects when the server refuses the upgrade or does not answer in time. */
export function openRawWebSocket(options: RawWebSocketOptions): Promise<RawWebSocket> {
  const { host, port, localAddress, timeoutMs = OPEN_TIMEOUT_MS } = options
  const key = randomBytes(16).toString('base64')
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, ...(localAddress && { localAddress }) })
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    const deadline = setTimeout(() => {
      fail(new Error(`no WebSocket at ${host}:${port} within ${timeoutMs} ms`))
    }, timeoutMs)
    socket.once('connect', () => socket.write(requestOf(options, key)))
    socket.once('error', fail)
    const refused = (): void => fail(new Error(`${host}:${port} closed the connection at once`))
    socket.once('close', refused)
    let handshake: Buffer = Buffer.alloc(0)
    const read = (chunk: Buffer): void => {
      handshake = Buffer.concat([handshake, chunk])
      const end = handshake.indexOf('\r\n\r\n')
      if (end < 0 && handshake.length <= MAX_HANDSHAKE_BYTES) return
      clearTimeout(deadline)
      socket.off('data', read).off('error', fail).off('close', refused)
      const head = handshake.toString('latin1', 0, Math.max(end, 0))
      if (!isAccepted(head, key)) {
        fail(new Error(`the upgrade was refused: ${head.split('\r\n')[0] ?? ''}`))
        return
      }
      const webSocket = new RawWebSocket(socket)
      resolve(webSocket)
      follow(socket, options, handshake.subarray(end + 4))
    }
    socket.on('data', read)
    socket.once('close', () => clearTimeout(deadline))
  })
}

function requestOf({ host, port, path, subprotocol }: RawWebSocketOptions, key: string): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

function isAccepted(head: string, key: string): boolean {
  const expected = createHash('sha1').update(`${key}${KEY_SUFFIX}`).digest('base64')
  return head.startsWith('HTTP/1.1 101') && head.includes(expected)
}

function follow(socket: Socket, options: RawWebSocketOptions, first: Buffer): void {
  let code = NO_CODE
  const reader = new ServerFrameReader((opcode, payload) => {
    switch (opcode) {
      case OPCODES.binary:
      case OPCODES.text:
        options.onMessage(payload, opcode === OPCODES.binary)
        return
      case OPCODES.ping:
        socket.write(encodeClientFrame(OPCODES.pong, payload))
        return
      case OPCODES.close:
        if (payload.length >= 2) code = payload.readUInt16BE(0)
        socket.destroy()
    }
  })
  const push = (chunk: Buffer): void => {
    try {
      reader.push(chunk)
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
  }
  socket.on('data', push)
  // The reason is in the code, or there is none: a server that was killed says nothing.
  socket.on('error', () => undefined)
  socket.once('close', () => options.onClose(code))
  // After the caller has got the socket that its handler may want to answer on.
  if (first.length > 0) queueMicrotask(() => push(first))
}
