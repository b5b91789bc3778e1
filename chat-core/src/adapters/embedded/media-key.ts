// Keys of media rows: ids are 16 bytes (in memory base64url), times 6 bytes, big-endian, so that they sort.

const ID_BYTES = 16
const TIME_BYTES = 6

/** The bytes of an id of ours. */
export function idKey(id: string): Buffer {
  return Buffer.from(id, 'base64url')
}

export function pairKey(first: Buffer, second: Buffer): Buffer {
  return Buffer.concat([first, second])
}

export function dueKey(timeMs: number, id: Buffer): Buffer {
  const time = Buffer.allocUnsafe(TIME_BYTES)
  time.writeUIntBE(Math.max(0, Math.floor(timeMs)), 0, TIME_BYTES)
  return Buffer.concat([time, id])
}

/** The id at the end of a key. */
export function idOfKey(key: Uint8Array): Buffer {
  return Buffer.from(key.subarray(key.length - ID_BYTES))
}
