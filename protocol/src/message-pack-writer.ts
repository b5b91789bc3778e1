import { isPlainObject } from './is-plain-object.ts'

const FIRST_BYTES = 2_048
/** Up to here, writing letter by letter is cheaper than a call of the encoder. */
const SHORT_TEXT_LENGTH = 64
const TWO_POW_32 = 0x1_0000_0000
/** What a lead byte and a length or a number take at most. */
const HEAD_BYTES = 9

const utf8 = new TextEncoder()

/**
 * Writes MessagePack, each value in the shortest form there is: `null`, booleans, numbers, well-formed text, bytes,
 * arrays and plain objects, whose `undefined` entries are left out. Fields are few and their names short: one pass
 * over the value, into a buffer that is used again. Throws a `TypeError` for anything else:
 * dates, other views of memory, instances of classes.
 */
export class MessagePackWriter {
  #bytes = new Uint8Array(FIRST_BYTES)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  /** The bytes of a value; they are good until the next call. */
  write(value: unknown): Uint8Array {
    this.#at = 0
    this.#writeValue(value)
    return this.#bytes.subarray(0, this.#at)
  }

  #writeValue(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#writeText(value)
        return
      case 'number':
        this.#writeNumber(value)
        return
      case 'boolean':
        this.#writeByte(value ? 0xc3 : 0xc2)
        return
      case 'undefined':
        this.#writeByte(0xc0)
        return
      case 'object':
        if (value === null) this.#writeByte(0xc0)
        else if (Array.isArray(value)) this.#writeArray(value)
        else if (value instanceof Uint8Array) this.#writeBytes(value)
        else if (isPlainObject(value)) this.#writeMap(value)
        else throw new TypeError(`MessagePack has no ${value.constructor.name}`)
        return
      default:
        throw new TypeError(`MessagePack has no ${typeof value}`)
    }
  }

  #writeArray(values: readonly unknown[]): void {
    this.#writeLength(values.length, 0x90, 0x0f, 0xdc)
    for (const value of values) this.#writeValue(value)
  }

  #writeMap(entries: object): void {
    const given = entries as Readonly<Record<string, unknown>>
    const keys = Object.keys(given)
    let count = keys.length
    for (const key of keys) if (given[key] === undefined) count--
    this.#writeLength(count, 0x80, 0x0f, 0xde)
    for (const key of keys) {
      const value = given[key]
      if (value === undefined) continue
      this.#writeText(key)
      this.#writeValue(value)
    }
  }

  #writeText(text: string): void {
    const { length } = text
    if (length <= SHORT_TEXT_LENGTH && this.#writeAscii(text)) return
    // A UTF-16 unit is at most 3 bytes of UTF-8. Room is left for the shortest head, and the text moved for a longer one.
    this.#ensure(HEAD_BYTES + 3 * length)
    const from = this.#at + textHeadBytes(length)
    const { written } = utf8.encodeInto(text, this.#bytes.subarray(from))
    const headBytes = textHeadBytes(written)
    if (this.#at + headBytes !== from)
      this.#bytes.copyWithin(this.#at + headBytes, from, from + written)
    this.#writeTextHead(written)
    this.#at += written
  }

  /** False, and nothing is written, where a letter takes more than a byte. */
  #writeAscii(text: string): boolean {
    const { length } = text
    this.#ensure(HEAD_BYTES + length)
    const from = this.#at + textHeadBytes(length)
    const bytes = this.#bytes
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index)
      if (unit > 0x7f) return false
      bytes[from + index] = unit
    }
    this.#writeTextHead(length)
    this.#at += length
    return true
  }

  #writeTextHead(length: number): void {
    if (length <= 0x1f) this.#writeByte(0xa0 | length)
    else if (length <= 0xff) this.#writeSized(0xd9, length, 1)
    else if (length <= 0xffff) this.#writeSized(0xda, length, 2)
    else this.#writeSized(0xdb, length, 4)
  }

  #writeBytes(value: Uint8Array): void {
    const { length } = value
    this.#ensure(HEAD_BYTES + length)
    if (length <= 0xff) this.#writeSized(0xc4, length, 1)
    else if (length <= 0xffff) this.#writeSized(0xc5, length, 2)
    else this.#writeSized(0xc6, length, 4)
    this.#bytes.set(value, this.#at)
    this.#at += length
  }

  /** Of an array or a map: in the lead byte itself, or behind one of the two that follow each other. */
  #writeLength(length: number, short: number, mostShort: number, long: number): void {
    if (length <= mostShort) this.#writeByte(short | length)
    else if (length <= 0xffff) this.#writeSized(long, length, 2)
    else this.#writeSized(long + 1, length, 4)
  }

  #writeNumber(value: number): void {
    if (!Number.isSafeInteger(value)) this.#writeFloat(value)
    else if (value >= 0) this.#writeUnsigned(value)
    else this.#writeNegative(value)
  }

  #writeUnsigned(value: number): void {
    if (value <= 0x7f) this.#writeByte(value)
    else if (value <= 0xff) this.#writeSized(0xcc, value, 1)
    else if (value <= 0xffff) this.#writeSized(0xcd, value, 2)
    else if (value < TWO_POW_32) this.#writeSized(0xce, value, 4)
    else this.#writeWide(0xcf, value)
  }

  #writeNegative(value: number): void {
    if (value >= -0x20) this.#writeByte(value & 0xff)
    else if (value >= -0x80) this.#writeSized(0xd0, value, 1)
    else if (value >= -0x8000) this.#writeSized(0xd1, value, 2)
    else if (value >= -0x8000_0000) this.#writeSized(0xd2, value, 4)
    else this.#writeWide(0xd3, value)
  }

  #writeFloat(value: number): void {
    this.#ensure(HEAD_BYTES)
    this.#bytes[this.#at] = 0xcb
    this.#view.setFloat64(this.#at + 1, value)
    this.#at += HEAD_BYTES
  }

  /** A whole number in eight bytes; of a negative one the upper half is rounded down. */
  #writeWide(lead: number, value: number): void {
    this.#ensure(HEAD_BYTES)
    this.#bytes[this.#at] = lead
    this.#view.setUint32(this.#at + 1, Math.floor(value / TWO_POW_32))
    this.#view.setUint32(this.#at + 5, value)
    this.#at += HEAD_BYTES
  }

  /** A lead byte and a whole number behind it; two's complement comes by itself. */
  #writeSized(lead: number, value: number, width: 1 | 2 | 4): void {
    this.#ensure(HEAD_BYTES)
    const bytes = this.#bytes
    bytes[this.#at++] = lead
    for (let shift = (width - 1) * 8; shift >= 0; shift -= 8) bytes[this.#at++] = value >>> shift
  }

  #writeByte(byte: number): void {
    this.#ensure(1)
    this.#bytes[this.#at++] = byte
  }

  #ensure(more: number): void {
    const needed = this.#at + more
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length))
    grown.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

function textHeadBytes(length: number): number {
  if (length <= 0x1f) return 1
  if (length <= 0xff) return 2
  return length <= 0xffff ? 3 : 5
}
