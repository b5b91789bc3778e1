const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const CHUNK_OVERHEAD = 12

/** Chunks that say how to read the pixels, animated ones included. All others may say anything. */
const KEPT = new Set(
  'IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs cICP acTL fcTL fdAT'.split(' '),
)

/**
 * The pieces of a PNG without texts, Exif, times and whatever follows its end. `undefined` when no picture
 * begins in it. What is cut off stays cut off.
 */
export function scrubPng(bytes: Buffer): readonly Buffer[] | undefined {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return undefined
  const kept: Buffer[] = [SIGNATURE]
  let hasPicture = false
  let position = SIGNATURE.length
  while (position + CHUNK_OVERHEAD <= bytes.length) {
    const type = bytes.toString('latin1', position + 4, position + 8)
    const end = position + CHUNK_OVERHEAD + bytes.readUInt32BE(position)
    hasPicture ||= type === 'IDAT'
    if (KEPT.has(type)) kept.push(bytes.subarray(position, end))
    if (type === 'IEND') break
    position = end
  }
  return hasPicture ? kept : undefined
}
