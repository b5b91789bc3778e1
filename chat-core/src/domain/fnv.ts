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
