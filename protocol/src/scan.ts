import { ChatError } from './chat-error.ts'

/** What a decoder will accept. Checked on the bytes before anything is allocated for them. */
export interface DecodeLimits {
  readonly maxFrames: number
  readonly maxNesting: number
  readonly maxArrayLength: number
  readonly maxMapLength: number
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Walks MessagePack bytes without decoding them and throws `bad_frame` when they break a limit, are
 * truncated, hold an extension, a map key that is not text, bad UTF-8, or an integer beyond 2^53.
 * Linear in the number of bytes: every element must be paid for with at least one byte.
 */
export function scanMessagePack(bytes: Uint8Array, limits: DecodeLimits): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // For each open array or map: how many values are still to come. A map counts keys and values.
  const open: number[] = []
  const isMap: boolean[] = []
  let frames = 0
  let at = 0

  const need = (count: number): void => {
    if (count > bytes.length - at) throw refused('is truncated')
  }
  const enter = (count: number, map: boolean): void => {
    if (count > (map ? limits.maxMapLength : limits.maxArrayLength)) {
      throw refused(
        `has ${map ? 'a map' : 'an array'} of ${String(count)}, the limit is ${String(map ? limits.maxMapLength : limits.maxArrayLength)}`,
      )
    }
    if (open.length >= limits.maxNesting)
      throw refused(`is nested deeper than ${String(limits.maxNesting)}`)
    open.push(map ? count * 2 : count)
    isMap.push(map)
  }
  const skip = (count: number): void => {
    need(count)
    at += count
  }
  const textOf = (count: number): void => {
    need(count)
    checkUtf8(bytes, at, at + count)
    at += count
  }
  const size = (width: 1 | 2 | 4): number => {
    need(width)
    const value =
      width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : view.getUint32(at)
    at += width
    return value
  }

  while (at < bytes.length) {
    if (open.length === 0 && ++frames > limits.maxFrames)
      throw refused(`holds more than ${String(limits.maxFrames)} frames`)
    const lead = view.getUint8(at++)
    const expectsKey = isMap.at(-1) === true && (open.at(-1) ?? 0) % 2 === 0
    if (expectsKey && !isText(lead)) throw refused('has a map key that is not text')
    if (open.length > 0) open[open.length - 1] = (open.at(-1) ?? 0) - 1

    if (lead <= 0x7f || lead >= 0xe0 || lead === 0xc0 || lead === 0xc2 || lead === 0xc3) {
      // a value in its lead byte
    } else if (lead <= 0x8f) enter(lead & 0x0f, true)
    else if (lead <= 0x9f) enter(lead & 0x0f, false)
    else if (lead <= 0xbf) textOf(lead & 0x1f)
    else if (lead === 0xc4 || lead === 0xc5 || lead === 0xc6)
      skip(size(lead === 0xc4 ? 1 : lead === 0xc5 ? 2 : 4))
    else if (lead === 0xd9 || lead === 0xda || lead === 0xdb)
      textOf(size(lead === 0xd9 ? 1 : lead === 0xda ? 2 : 4))
    else if (lead === 0xdc || lead === 0xdd) enter(size(lead === 0xdc ? 2 : 4), false)
    else if (lead === 0xde || lead === 0xdf) enter(size(lead === 0xde ? 2 : 4), true)
    else if (lead === 0xcf || lead === 0xd3) {
      need(8)
      const value = lead === 0xcf ? view.getBigUint64(at) : view.getBigInt64(at)
      if (value > 9007199254740991n || value < -9007199254740991n)
        throw refused('has an integer beyond 2^53 - 1')
      at += 8
    } else if (lead === 0xcc || lead === 0xd0) skip(1)
    else if (lead === 0xcd || lead === 0xd1) skip(2)
    else if (lead === 0xca || lead === 0xce || lead === 0xd2) skip(4)
    else if (lead === 0xcb) skip(8)
    else throw refused('holds an extension or a reserved byte')

    while (open.length > 0 && open[open.length - 1] === 0) {
      open.pop()
      isMap.pop()
    }
  }
  if (open.length > 0) throw refused('is truncated')
}

/** The same bounds for JSON text: nesting, before `JSON.parse` sees it. */
export function scanJson(line: string, maxNesting: number): void {
  let depth = 0
  let inText = false
  for (let index = 0; index < line.length; index++) {
    const char = line.charCodeAt(index)
    if (inText) {
      if (char === 0x5c) index++
      else if (char === 0x22) inText = false
    } else if (char === 0x22) inText = true
    else if (char === 0x5b || char === 0x7b) {
      if (++depth > maxNesting) throw refused(`is nested deeper than ${String(maxNesting)}`)
    } else if (char === 0x5d || char === 0x7d) depth--
  }
}

function isText(lead: number): boolean {
  return (lead >= 0xa0 && lead <= 0xbf) || lead === 0xd9 || lead === 0xda || lead === 0xdb
}

function checkUtf8(bytes: Uint8Array, from: number, to: number): void {
  for (let index = from; index < to; index++) {
    if ((bytes[index] ?? 0) > 0x7f) {
      try {
        strictUtf8.decode(bytes.subarray(from, to))
      } catch (error) {
        throw new ChatError('bad_frame', 'the message has text that is not UTF-8', { cause: error })
      }
      return
    }
  }
}

function refused(what: string): ChatError {
  return new ChatError('bad_frame', `the message ${what}`)
}
