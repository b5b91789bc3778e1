import { ChatError } from '@satchel/protocol'
import type { ByteRange } from '../ports/object-store.ts'

const SPAN = /^bytes=(\d{1,15})-(\d{1,15})?$/
const SUFFIX = /^bytes=-(\d{1,15})$/

/**
 * The part that a `Range` header asks for; `undefined` = the whole, also for several ranges and for what
 * is not understood (RFC 9110 §14.2). Throws `range_not_satisfiable`.
 */
export function parseByteRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | undefined {
  const [, length] = SUFFIX.exec(header ?? '') ?? []
  if (length !== undefined) {
    const first = Math.max(0, sizeBytes - Number(length))
    return requireBytes({ first, last: sizeBytes - 1 }, sizeBytes)
  }
  const [, from, to] = SPAN.exec(header ?? '') ?? []
  if (from === undefined || Number(to) < Number(from)) return undefined
  const last = to === undefined ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  return requireBytes({ first: Number(from), last }, sizeBytes)
}

function requireBytes(range: ByteRange, sizeBytes: number): ByteRange {
  if (range.first <= range.last) return range
  throw new ChatError('range_not_satisfiable', `the file has ${sizeBytes} bytes`, {
    limit: sizeBytes,
  })
}
