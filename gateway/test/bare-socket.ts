import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import {
  createClientCodec,
  parseDeviceId,
  type ClientFrame,
  type PushFrame,
  type PushFrameOf,
  type ServerFrame,
} from '@satchel/protocol'
import { eventually } from './eventually.ts'

const BINARY = 2
const CLOSE = 8

/** A WebSocket spoken over bare TCP: it can stop reading, and send what no library would. */
export class BareSocket {
  readonly tcp: Socket
  readonly #codec = createClientCodec('msgpack')
  #buffer: Buffer = Buffer.alloc(0)
  readonly frames: ServerFrame[] = []
  /** How many events came in each WebSocket message that had any. */
  readonly eventCounts: number[] = []
  isWelcome = false
  closeCode: number | undefined
  isEnded = false

  /** Connected and upgraded. */
  static async open(port: number): Promise<BareSocket> {
    const tcp = connect(port, '127.0.0.1')
    await once(tcp, 'connect')
    tcp.write(
      [
        'GET /v1/socket HTTP/1.1',
        'Host: localhost',
        'Connection: Upgrade',
        'Upgrade: websocket',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Protocol: satchel.v1',
        '\r\n',
      ].join('\r\n'),
    )
    const head = await readHead(tcp)
    if (!head.startsWith('HTTP/1.1 101')) throw new Error(head)
    return new BareSocket(tcp)
  }

  constructor(tcp: Socket) {
    this.tcp = tcp
    tcp.on('data', (chunk: Buffer) => {
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
      this.#takeMessages()
    })
    tcp.on('error', () => undefined)
    tcp.on('close', () => (this.isEnded = true))
  }

  async hello(token: string): Promise<void> {
    const deviceId = parseDeviceId('bare')
    if (deviceId === undefined) throw new Error('no device id')
    this.send({ type: 'hello', requestId: 1, token, deviceId })
    await eventually('welcome', () => this.frames.some((frame) => frame.type === 'result'))
  }

  send(frame: ClientFrame): void {
    this.sendMessage(this.#codec.encode(frame))
  }

  sendMessage(payload: Uint8Array): void {
    this.tcp.write(webSocketFrame(0x80 | BINARY, payload))
  }

  of<Type extends PushFrame['type']>(type: Type): PushFrameOf<Type>[] {
    return this.frames.filter((frame): frame is PushFrameOf<Type> => frame.type === type)
  }

  #takeMessages(): void {
    for (;;) {
      const length7 = (this.#buffer[1] ?? 0) & 0x7f
      const headerBytes = length7 === 126 ? 4 : length7 === 127 ? 10 : 2
      if (this.#buffer.length < headerBytes) return
      const length =
        length7 === 126
          ? this.#buffer.readUInt16BE(2)
          : length7 === 127
            ? Number(this.#buffer.readBigUInt64BE(2))
            : length7
      if (this.#buffer.length < headerBytes + length) return
      const opcode = (this.#buffer[0] ?? 0) & 0x0f
      const payload = this.#buffer.subarray(headerBytes, headerBytes + length)
      if (opcode === CLOSE) this.closeCode = payload.readUInt16BE(0)
      if (opcode === BINARY) this.#takeFrames(payload)
      this.#buffer = this.#buffer.subarray(headerBytes + length)
    }
  }

  #takeFrames(payload: Uint8Array): void {
    let events = 0
    for (const frame of this.#codec.decode(payload)) {
      if (frame.type === 'unreadable') throw frame.error
      this.frames.push(frame)
      if (frame.type === 'event') events++
    }
    if (events > 0) this.eventCounts.push(events)
  }
}

/** A frame as clients send it: masked, here with zeros. */
export function webSocketFrame(firstByte: number, payload: Uint8Array): Buffer {
  const extended = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8
  const header = Buffer.alloc(2 + extended + 4)
  header[0] = firstByte
  header[1] = 0x80 | (extended === 0 ? payload.length : extended === 2 ? 126 : 127)
  if (extended === 2) header.writeUInt16BE(payload.length, 2)
  if (extended === 8) header.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([header, payload])
}

async function readHead(tcp: Socket): Promise<string> {
  const chunks: unknown[] = await once(tcp, 'data')
  return String(chunks[0])
}
