const NUMBER_BYTES = 6

/** A number from 0 to 2^48 - 1 as bytes that sort like it. */
export function formatNumber(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(NUMBER_BYTES)
  bytes.writeUIntBE(number, 0, NUMBER_BYTES)
  return bytes
}

export function parseNumber(bytes: Buffer): number {
  return bytes.readUIntBE(0, NUMBER_BYTES)
}
