/** WebSocket opcodes (RFC 6455, 5.2) that a server of ours or of a peer uses. */
export const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const FIN = 0x80
const MASKED = 0x80
const MASK_BYTES = 4

/**
 * One client frame. Its mask is zero: legal, and it saves the generator a pass over every byte.
 */
export function encodeClientFrame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const frame = Buffer.allocUnsafe(2 + lengthBytes + MASK_BYTES + length)
  frame[0] = FIN | opcode
  if (lengthBytes === 0) frame[1] = MASKED | length
  else if (lengthBytes === 2) {
    frame[1] = MASKED | 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = MASKED | 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  const start = 2 + lengthBytes + MASK_BYTES
  frame.fill(0, start - MASK_BYTES, start)
  frame.set(payload, start)
  return frame
}

interface Header {
  readonly opcode: number
  readonly start: number
  readonly end: number
}

const NOTHING = Buffer.alloc(0)

/** Cuts what a server sends into frames. Payloads are views: use them before the next `push`. */
export class ServerFrameReader {
  readonly #take: (opcode: number, payload: Buffer) => void
  #rest: Buffer = NOTHING

  constructor(take: (opcode: number, payload: Buffer) => void) {
    this.#take = take
  }

  /** Throws for what a server must not send, or what none of ours does: masks and fragments. */
  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (;;) {
      const header = readHeader(bytes, at)
      if (header === undefined || header.end > bytes.length) break
      at = header.end
      this.#take(header.opcode, bytes.subarray(header.start, header.end))
    }
    this.#rest = at === bytes.length ? NOTHING : bytes.subarray(at)
  }
}

/** The header at `at`; `undefined` while it is incomplete. */
function readHeader(bytes: Buffer, at: number): Header | undefined {
  if (bytes.length < at + 2) return undefined
  const first = bytes.readUInt8(at)
  const second = bytes.readUInt8(at + 1)
  if ((first & FIN) === 0) throw new Error('the server sent a fragmented WebSocket message')
  if ((second & MASKED) !== 0) throw new Error('the server masked a WebSocket frame')
  const opcode = first & 0x0f
  if (second < 126) return { opcode, start: at + 2, end: at + 2 + second }
  const lengthBytes = second === 126 ? 2 : 8
  const start = at + 2 + lengthBytes
  if (bytes.length < start) return undefined
  const length =
    lengthBytes === 2 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
  return { opcode, start, end: start + length }
}
