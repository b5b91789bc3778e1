const TRAILER = 0x3b
const EXTENSION = 0x21
const IMAGE = 0x2c
const GRAPHIC_CONTROL = 0xf9
const APPLICATION = 0xff

/** Application extensions that say how often an animation repeats. */
const KEPT_APPLICATIONS = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0'])

/**
 * The pieces of a GIF without comments, XMP, texts and whatever follows its end, every frame kept.
 * `undefined` when no picture begins in it. What is cut off stays cut off.
 */
export function scrubGif(bytes: Buffer): readonly Buffer[] | undefined {
  if (bytes.length < 13 || !/^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6))) return undefined
  let position = 13 + colourTableBytes(bytes[10] ?? 0)
  const kept: Buffer[] = [bytes.subarray(0, position)]
  let hasPicture = false
  while (position < bytes.length) {
    const end = endOfBlock(bytes, position)
    if (end === undefined) break
    if (isKept(bytes, position)) kept.push(bytes.subarray(position, end))
    hasPicture ||= bytes[position] === IMAGE
    position = end
  }
  kept.push(Buffer.from([TRAILER]))
  return hasPicture ? kept : undefined
}

/** Bytes of the colour table that a packed field announces. */
function colourTableBytes(packed: number): number {
  return (packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 0x07) + 1)
}

/** `undefined` at the trailer, and at what is no block. */
function endOfBlock(bytes: Buffer, start: number): number | undefined {
  if (bytes[start] === EXTENSION) return endOfSubBlocks(bytes, start + 2)
  if (bytes[start] !== IMAGE) return undefined
  // Descriptor, local colours, and the size of the first code.
  return endOfSubBlocks(bytes, start + 10 + colourTableBytes(bytes[start + 9] ?? 0) + 1)
}

function endOfSubBlocks(bytes: Buffer, start: number): number {
  let position = start
  while (position < bytes.length) {
    const length = bytes[position] ?? 0
    position += 1 + length
    if (length === 0) break
  }
  return Math.min(position, bytes.length)
}

function isKept(bytes: Buffer, start: number): boolean {
  if (bytes[start] === IMAGE) return true
  const label = bytes[start + 1]
  if (label === GRAPHIC_CONTROL) return true
  return (
    label === APPLICATION && KEPT_APPLICATIONS.has(bytes.toString('latin1', start + 3, start + 14))
  )
}
