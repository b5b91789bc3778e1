import { refusedMessage, requireLength } from './decode-limits.ts'
import type { DecodeLimits } from './decode-limits.ts'

type Form = readonly [
  is: 'constant' | 'unsigned' | 'signed' | 'float' | 'text' | 'bytes' | 'array' | 'map' | 'refused',
  /** How many bytes behind the lead byte hold the number, or the length. */
  width: number,
  constant?: boolean | null,
]

/** What the lead bytes from 0xc0 to 0xdf announce. Below and above them a lead byte says it all. */
const FORMS: readonly Form[] = [
  ['constant', 0, null],
  ['refused', 0],
  ['constant', 0, false],
  ['constant', 0, true],
  ...([1, 2, 4] as const).map((width): Form => ['bytes', width]),
  ...([1, 2, 4] as const).map((width): Form => ['refused', width]),
  ...([4, 8] as const).map((width): Form => ['float', width]),
  ...([1, 2, 4, 8] as const).map((width): Form => ['unsigned', width]),
  ...([1, 2, 4, 8] as const).map((width): Form => ['signed', width]),
  ...([1, 2, 4, 8, 16] as const).map((width): Form => ['refused', width]),
  ...([1, 2, 4] as const).map((width): Form => ['text', width]),
  ...([2, 4] as const).map((width): Form => ['array', width]),
  ...([2, 4] as const).map((width): Form => ['map', width]),
]

const REFUSED: Form = ['refused', 0]
const NO_BYTES = new Uint8Array(0)
const TWO_POW_32 = 0x1_0000_0000
/** Up to here, putting letters together is cheaper than a call of the decoder. */
const SHORT_TEXT_BYTES = 12

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads MessagePack from untrusted bytes, checking every limit before allocating for what it limits.
 * Refuses (`bad_frame`) what is truncated, nested too deep or too long, an extension, text that is
 * not UTF-8, a map key that is not text or is `__proto__`, and an integer beyond 2^53 - 1. Of a key
 * given twice the last one counts. Linear in the number of bytes: a value costs at least one.
 */
export class MessagePackReader {
  readonly #limits: DecodeLimits
  #bytes: Uint8Array = NO_BYTES
  #at = 0
  #depth = 0

  constructor(limits: DecodeLimits) {
    this.#limits = limits
  }

  /** The values of one message, back to back in it. None of them shares memory with it. */
  read(message: Uint8Array): unknown[] {
    this.#bytes = message
    this.#at = 0
    this.#depth = 0
    const values: unknown[] = []
    while (this.#at < message.length) {
      if (values.length >= this.#limits.maxFrames) {
        throw refusedMessage(`holds more than ${String(this.#limits.maxFrames)} frames`)
      }
      values.push(this.#readValue())
    }
    this.#bytes = NO_BYTES
    return values
  }

  #readValue(): unknown {
    const lead = this.#readUnsigned(1)
    if (lead <= 0x7f) return lead
    if (lead >= 0xe0) return lead - 0x100
    if (lead >= 0xc0) return this.#readForm(FORMS[lead - 0xc0] ?? REFUSED)
    if (lead >= 0xa0) return this.#readText(lead & 0x1f)
    return lead >= 0x90 ? this.#readArray(lead & 0x0f) : this.#readMap(lead & 0x0f)
  }

  #readForm([is, width, constant]: Form): unknown {
    switch (is) {
      case 'constant':
        return constant
      case 'unsigned':
        return requireSafe(this.#readUnsigned(width))
      case 'signed':
        return requireSafe(this.#readSigned(width))
      case 'float':
        return this.#readFloat(width)
      case 'text':
        return this.#readText(this.#readUnsigned(width))
      case 'bytes':
        return this.#readBytes(this.#readUnsigned(width))
      case 'array':
        return this.#readArray(this.#readUnsigned(width))
      case 'map':
        return this.#readMap(this.#readUnsigned(width))
      case 'refused':
        throw refusedMessage('has an extension or a reserved byte')
    }
  }

  #readArray(length: number): unknown[] {
    requireLength(this.#limits, 'array', length)
    this.#enter()
    const values: unknown[] = []
    for (let index = 0; index < length; index++) values.push(this.#readValue())
    this.#depth--
    return values
  }

  #readMap(length: number): Record<string, unknown> {
    requireLength(this.#limits, 'map', length)
    this.#enter()
    const entries: Record<string, unknown> = {}
    for (let index = 0; index < length; index++) {
      const key = this.#readKey()
      entries[key] = this.#readValue()
    }
    this.#depth--
    return entries
  }

  #readKey(): string {
    const key = isTextLead(this.#bytes[this.#at]) ? this.#readValue() : undefined
    if (typeof key !== 'string') throw refusedMessage('has a map key that is not text')
    if (key === '__proto__') throw refusedMessage('has a map key `__proto__`')
    return key
  }

  #readText(length: number): string {
    const from = this.#take(length)
    if (length <= SHORT_TEXT_BYTES) {
      let text = ''
      let index = from
      for (; index < this.#at; index++) {
        const byte = this.#byteAt(index)
        if (byte > 0x7f) break
        text += String.fromCharCode(byte)
      }
      if (index === this.#at) return text
    }
    try {
      return strictUtf8.decode(this.#bytes.subarray(from, this.#at))
    } catch (error) {
      throw refusedMessage('has text that is not UTF-8', error)
    }
  }

  #readBytes(length: number): Uint8Array {
    const from = this.#take(length)
    return this.#bytes.slice(from, this.#at)
  }

  #readFloat(width: number): number {
    const from = this.#take(width)
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + from, width)
    return width === 4 ? view.getFloat32(0) : view.getFloat64(0)
  }

  /** Exact up to 2^53 - 1; anything greater stays greater when it is rounded. */
  #readUnsigned(width: number): number {
    const from = this.#take(width)
    let value = this.#byteAt(from)
    for (let index = from + 1; index < this.#at; index++) value = value * 256 + this.#byteAt(index)
    return value
  }

  #readSigned(width: number): number {
    if (width === 8) return (this.#readUnsigned(4) | 0) * TWO_POW_32 + this.#readUnsigned(4)
    const unsigned = this.#readUnsigned(width)
    const range = 2 ** (width * 8)
    return unsigned < range / 2 ? unsigned : unsigned - range
  }

  #enter(): void {
    if (++this.#depth > this.#limits.maxNesting) {
      throw refusedMessage(`is nested deeper than ${String(this.#limits.maxNesting)}`)
    }
  }

  /** Moves past the next bytes and says where they begin. */
  #take(length: number): number {
    const from = this.#at
    if (length > this.#bytes.length - from) throw refusedMessage('is truncated')
    this.#at = from + length
    return from
  }

  #byteAt(index: number): number {
    return this.#bytes[index] ?? 0
  }
}

// No byte at all counts as text: reading it then says that the message is truncated.
function isTextLead(lead = 0xa0): boolean {
  return (lead >= 0xa0 && lead <= 0xbf) || (lead >= 0xd9 && lead <= 0xdb)
}

function requireSafe(value: number): number {
  if (!Number.isSafeInteger(value)) throw refusedMessage('has an integer beyond 2^53 - 1')
  return value
}
