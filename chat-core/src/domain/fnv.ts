const OFFSET_32 = 0x811c9dc5
const PRIME_32 = 0x01000193

/**
 * FNV-1a of 32 bits over the text's UTF-16 units, low byte first; continues from `state`.
 * http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function fnv1a32(text: string, state: number = OFFSET_32): number {
  let hash = state
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    hash = Math.imul(hash ^ (unit & 0xff), PRIME_32)
    hash = Math.imul(hash ^ (unit >> 8), PRIME_32)
  }
  return hash >>> 0
}

/**
 * FNV-1a of 64 bits over ASCII text, as two halves of 32 bits.
 * The prime is 2^40 + 0x1b3: a product is the sum of a shift and one with a small number, which
 * doubles hold exactly; no BigInt on the way of every command.
 */
export function fnv1a64(ascii: string): readonly [high: number, low: number] {
  let high = 0xcbf29ce4
  let low = 0x84222325
  for (let index = 0; index < ascii.length; index++) {
    low = (low ^ ascii.charCodeAt(index)) >>> 0
    const product = low * 0x1b3
    high = (high * 0x1b3 + Math.floor(product / 2 ** 32) + low * 2 ** 8) % 2 ** 32
    low = product % 2 ** 32
  }
  return [high, low]
}
