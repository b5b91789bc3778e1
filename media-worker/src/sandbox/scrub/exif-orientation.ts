// Exif lies in an APP1 segment as a TIFF file of its own: byte order, offset of the first directory, and
// there twelve bytes per entry: tag, type, count, value (Exif 2.32, §4.5.4 and §4.6.2).

const HEADER = Buffer.from('Exif\0\0', 'latin1')
const ORIENTATION_TAG = 0x0112
const SHORT = 3
const ENTRY_BYTES = 12

/** The orientation (2 to 8) an APP1 segment's payload tells; `undefined` when upright or not told. */
export function readOrientation(payload: Buffer): number | undefined {
  if (!payload.subarray(0, HEADER.length).equals(HEADER)) return undefined
  const tiff = payload.subarray(HEADER.length)
  if (tiff.length < 8) return undefined
  const isLittle = tiff.toString('latin1', 0, 2) === 'II'
  const short = (at: number): number => {
    if (at + 2 > tiff.length) return 0
    return isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at)
  }
  const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  const count = short(directory)
  for (let index = 0; index < count; index++) {
    const entry = directory + 2 + index * ENTRY_BYTES
    if (entry + ENTRY_BYTES > tiff.length) return undefined
    if (short(entry) !== ORIENTATION_TAG || short(entry + 2) !== SHORT) continue
    const orientation = short(entry + 8)
    return orientation >= 2 && orientation <= 8 ? orientation : undefined
  }
  return undefined
}

/** An APP1 segment that tells the orientation and nothing else. */
export function orientationSegment(orientation: number): Buffer {
  const tiff = Buffer.alloc(26)
  tiff.write('MM', 0, 'latin1')
  tiff.writeUInt16BE(42, 2)
  tiff.writeUInt32BE(8, 4)
  tiff.writeUInt16BE(1, 8)
  tiff.writeUInt16BE(ORIENTATION_TAG, 10)
  tiff.writeUInt16BE(SHORT, 12)
  tiff.writeUInt32BE(1, 14)
  tiff.writeUInt16BE(orientation, 18)
  const marker = Buffer.from([0xff, 0xe1, 0, 2 + HEADER.length + tiff.length])
  return Buffer.concat([marker, HEADER, tiff])
}
