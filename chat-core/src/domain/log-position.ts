/** A place in the log: generation, record, index in the record; compared in this order. */
export interface LogPosition {
  readonly generation: number
  readonly record: number
  readonly index: number
}

const GENERATION_BITS = 7n
const RECORD_BITS = 44n
const INDEX_BITS = 10n

/** What the parts of a position may be at most. */
export const MAX_POSITION = {
  generation: Number(maskOf(GENERATION_BITS)),
  record: Number(maskOf(RECORD_BITS)),
  index: Number(maskOf(INDEX_BITS)),
} as const satisfies LogPosition

/**
 * A position as one integer below 2^61, which grows as positions do: generation (7 bits), record (44),
 * index (10). It is stored, so this never changes. Throws a `RangeError` when a part does not fit.
 */
export function packPosition({ generation, record, index }: LogPosition): bigint {
  requirePart('generation', generation)
  requirePart('record', record)
  requirePart('index', index)
  const upper = (BigInt(generation) << RECORD_BITS) | BigInt(record)
  return (upper << INDEX_BITS) | BigInt(index)
}

function maskOf(bits: bigint): bigint {
  return (1n << bits) - 1n
}

function requirePart(part: keyof LogPosition, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_POSITION[part]) return
  throw new RangeError(`A log position's ${part} is 0 to ${MAX_POSITION[part]}, not ${value}`)
}
