import type { Mark } from '@satchel/protocol'

const NUMBER_BYTES = 6
export const NO_MARK: Mark = { seq: 0, ordinal: 0 }

/** Seq first: of cells with equal timestamps the greater bytes stay. */
export function formatMark({ seq, ordinal }: Mark): Buffer {
  const bytes = Buffer.allocUnsafe(2 * NUMBER_BYTES)
  bytes.writeUIntBE(seq, 0, NUMBER_BYTES)
  bytes.writeUIntBE(ordinal, NUMBER_BYTES, NUMBER_BYTES)
  return bytes
}

export function parseMark(bytes: Buffer | null): Mark {
  if (bytes === null) return NO_MARK
  return {
    seq: bytes.readUIntBE(0, NUMBER_BYTES),
    ordinal: bytes.readUIntBE(NUMBER_BYTES, NUMBER_BYTES),
  }
}
