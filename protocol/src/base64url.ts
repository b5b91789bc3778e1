const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES = new Int8Array(128).fill(-1)
for (let index = 0; index < ALPHABET.length; index++) VALUES[ALPHABET.charCodeAt(index)] = index

/** The first `length` bytes as base64url without padding (RFC 4648 §5). */
export function encodeBase64url(bytes: Uint8Array, length = bytes.length): string {
  let text = ''
  let index = 0
  for (; index + 2 < length; index += 3) {
    const group =
      (byteAt(bytes, index) << 16) | (byteAt(bytes, index + 1) << 8) | byteAt(bytes, index + 2)
    text += letter(group >> 18) + letter(group >> 12) + letter(group >> 6) + letter(group)
  }
  const left = length - index
  if (left === 1) {
    const group = byteAt(bytes, index) << 16
    text += letter(group >> 18) + letter(group >> 12)
  } else if (left === 2) {
    const group = (byteAt(bytes, index) << 16) | (byteAt(bytes, index + 1) << 8)
    text += letter(group >> 18) + letter(group >> 12) + letter(group >> 6)
  }
  return text
}

/**
 * The bytes of unpadded base64url text; `undefined` when the text is anything else, including
 * text whose unused last bits are set: every value has exactly one spelling.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  const left = text.length % 4
  if (left === 1) return undefined
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let written = 0
  let index = 0
  for (; index + 3 < text.length; index += 4) {
    const group =
      quarter(text, index, 18) | quarter(text, index + 1, 12) | quarter(text, index + 2, 6)
    const whole = group | sextetAt(text, index + 3)
    // A letter that is none is -1, and stays negative whatever is or-ed to it.
    if (whole < 0) return undefined
    bytes[written++] = whole >> 16
    bytes[written++] = whole >> 8
    bytes[written++] = whole
  }
  if (left === 0) return bytes
  const rest =
    quarter(text, index, 18) |
    quarter(text, index + 1, 12) |
    (left === 3 ? quarter(text, index + 2, 6) : 0)
  if (rest < 0 || (rest & (left === 3 ? 0xff : 0xffff)) !== 0) return undefined
  bytes[written++] = rest >> 16
  if (left === 3) bytes[written] = rest >> 8
  return bytes
}

/** The six bits of one letter; -1 when it is none of base64url. */
export function sextetAt(text: string, index: number): number {
  return VALUES[text.charCodeAt(index)] ?? -1
}

function quarter(text: string, index: number, shift: number): number {
  return sextetAt(text, index) << shift
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}

function letter(value: number): string {
  return ALPHABET.charAt(value & 63)
}
