import { refusedMessage, requireLength } from './decode-limits.ts'
import type { DecodeLimits } from './decode-limits.ts'

type Form =
  /** Complete in the lead byte and the `width` bytes behind it. */
  | { readonly is: 'plain'; readonly width: number }
  | { readonly is: 'int64' | 'uint64' }
  /** Of a length that the `width` bytes behind the lead byte say. */
  | { readonly is: 'text' | 'bytes' | 'array' | 'map'; readonly width: number }
  | { readonly is: 'refused' }

const refusedForm: Form = { is: 'refused' }
const plain = (width: number): Form => ({ is: 'plain', width })
const sized = (is: 'text' | 'bytes' | 'array' | 'map', width: number): Form => ({ is, width })

/** What the lead bytes 0xc0 to 0xdf announce, in this order; below and above them a lead byte says it all. */
const FORMS: readonly Form[] = [
  ...[plain(0), refusedForm, plain(0), plain(0)],
  ...[sized('bytes', 1), sized('bytes', 2), sized('bytes', 4)],
  ...[refusedForm, refusedForm, refusedForm],
  ...[plain(4), plain(8)],
  ...[plain(1), plain(2), plain(4), { is: 'uint64' } as const],
  ...[plain(1), plain(2), plain(4), { is: 'int64' } as const],
  ...[refusedForm, refusedForm, refusedForm, refusedForm, refusedForm],
  ...[sized('text', 1), sized('text', 2), sized('text', 4)],
  ...[sized('array', 2), sized('array', 4)],
  ...[sized('map', 2), sized('map', 4)],
]

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const TWO_POW_32 = 0x1_0000_0000
/** The upper half of 2^53. */
const SAFE_UPPER_HALF = 0x20_0000

/**
 * Walks MessagePack bytes before anything is allocated for them. Refuses (`bad_frame`) what breaks a
 * limit, is truncated, holds an extension, a map key that is not text, text that is not UTF-8, or an
 * integer beyond 2^53 - 1. Linear in the number of bytes: every value is paid for with at least one.
 */
export class MessagePackScanner {
  readonly #limits: DecodeLimits
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  // Of each open array or map: how many values are still to come (a map counts keys and values).
  // Reused from message to message; `#depth` says how much of them is in use.
  readonly #left: number[] = []
  readonly #isMap: boolean[] = []
  #depth = 0

  constructor(limits: DecodeLimits) {
    this.#limits = limits
  }

  /** How many values the bytes hold, one behind the other. */
  scan(bytes: Uint8Array): number {
    this.#bytes = bytes
    this.#at = 0
    this.#depth = 0
    let frames = 0
    while (this.#at < bytes.length) {
      if (this.#depth === 0 && ++frames > this.#limits.maxFrames) {
        throw refusedMessage(`holds more than ${String(this.#limits.maxFrames)} frames`)
      }
      this.#scanValue()
      while (this.#depth > 0 && this.#left[this.#depth - 1] === 0) this.#depth--
    }
    if (this.#depth > 0) throw refusedMessage('is truncated')
    return frames
  }

  #scanValue(): void {
    const lead = this.#byteAt(this.#at++)
    if (this.#depth > 0) this.#takePlace(lead)
    if (lead <= 0x7f || lead >= 0xe0) return
    if (lead >= 0xc0) this.#scanForm(FORMS[lead - 0xc0] ?? refusedForm)
    else if (lead >= 0xa0) this.#scanText(lead & 0x1f)
    else if (lead >= 0x90) this.#open(lead & 0x0f, false)
    else this.#open(lead & 0x0f, true)
  }

  /** Counts a value off from the array or map it stands in. */
  #takePlace(lead: number): void {
    const top = this.#depth - 1
    const left = this.#left[top] ?? 0
    if (this.#isMap[top] === true && left % 2 === 0 && !isText(lead)) {
      throw refusedMessage('has a map key that is not text')
    }
    this.#left[top] = left - 1
  }

  #scanForm(form: Form): void {
    switch (form.is) {
      case 'plain': {
        this.#skip(form.width)
        return
      }
      case 'int64':
      case 'uint64': {
        this.#scanLongInteger(form.is === 'int64')
        return
      }
      case 'text': {
        this.#scanText(this.#readLength(form.width))
        return
      }
      case 'bytes': {
        this.#skip(this.#readLength(form.width))
        return
      }
      case 'array': {
        this.#open(this.#readLength(form.width), false)
        return
      }
      case 'map': {
        this.#open(this.#readLength(form.width), true)
        return
      }
      case 'refused':
        throw refusedMessage('has an extension or a reserved byte')
    }
  }

  #open(count: number, isMap: boolean): void {
    const { maxNesting } = this.#limits
    requireLength(this.#limits, isMap ? 'map' : 'array', count)
    if (this.#depth >= maxNesting)
      throw refusedMessage(`is nested deeper than ${String(maxNesting)}`)
    this.#left[this.#depth] = isMap ? count * 2 : count
    this.#isMap[this.#depth] = isMap
    this.#depth++
  }

  #scanText(length: number): void {
    const from = this.#at
    this.#skip(length)
    for (let index = from; index < this.#at; index++) {
      // Only what is not ASCII needs the decoder's judgement.
      if (this.#byteAt(index) > 0x7f) {
        requireUtf8(this.#bytes.subarray(from, this.#at))
        return
      }
    }
  }

  #scanLongInteger(isSigned: boolean): void {
    const from = this.#at
    this.#skip(8)
    const unsigned = this.#read32(from)
    const upper = isSigned ? unsigned | 0 : unsigned
    const isLowest = upper === -SAFE_UPPER_HALF && this.#read32(from + 4) === 0
    if (upper >= SAFE_UPPER_HALF || upper < -SAFE_UPPER_HALF || isLowest) {
      throw refusedMessage('has an integer beyond 2^53 - 1')
    }
  }

  #skip(count: number): void {
    if (count > this.#bytes.length - this.#at) throw refusedMessage('is truncated')
    this.#at += count
  }

  #readLength(width: number): number {
    const from = this.#at
    this.#skip(width)
    if (width === 1) return this.#byteAt(from)
    return width === 2 ? (this.#byteAt(from) << 8) | this.#byteAt(from + 1) : this.#read32(from)
  }

  #read32(at: number): number {
    const low = (this.#byteAt(at + 1) << 16) | (this.#byteAt(at + 2) << 8) | this.#byteAt(at + 3)
    return this.#byteAt(at) * (TWO_POW_32 / 256) + low
  }

  #byteAt(index: number): number {
    return this.#bytes[index] ?? 0
  }
}

function isText(lead: number): boolean {
  return (lead >= 0xa0 && lead <= 0xbf) || (lead >= 0xd9 && lead <= 0xdb)
}

function requireUtf8(bytes: Uint8Array): void {
  try {
    strictUtf8.decode(bytes)
  } catch (error) {
    throw refusedMessage('has text that is not UTF-8', error)
  }
}
