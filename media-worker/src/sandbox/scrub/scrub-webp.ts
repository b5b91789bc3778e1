const RIFF_BYTES = 12
const CHUNK_HEADER_BYTES = 8
/** In the first byte of `VP8X`: there is Exif, there is XMP. */
const METADATA_FLAGS = 0x08 | 0x04

const KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])
const PICTURES = new Set(['VP8 ', 'VP8L', 'ANMF'])

/**
 * The pieces of a WebP without Exif, XMP, unknown chunks and whatever follows its end. `undefined` when no
 * picture begins in it. What is cut off stays cut off.
 */
export function scrubWebp(bytes: Buffer): readonly Buffer[] | undefined {
  const isWebp =
    bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP'
  if (!isWebp || bytes.length < RIFF_BYTES) return undefined
  const kept: Buffer[] = []
  let hasPicture = false
  const fileEnd = Math.min(bytes.length, CHUNK_HEADER_BYTES + bytes.readUInt32LE(4))
  let position = RIFF_BYTES
  while (position + CHUNK_HEADER_BYTES <= fileEnd) {
    const type = bytes.toString('latin1', position, position + 4)
    const length = bytes.readUInt32LE(position + 4)
    // Chunks are padded to an even length.
    const end = Math.min(position + CHUNK_HEADER_BYTES + length + (length % 2), fileEnd)
    hasPicture ||= PICTURES.has(type)
    if (KEPT.has(type)) kept.push(withoutFlags(type, bytes.subarray(position, end)))
    position = end
  }
  if (!hasPicture) return undefined
  const header = Buffer.from(bytes.subarray(0, RIFF_BYTES))
  header.writeUInt32LE(4 + kept.reduce((sum, chunk) => sum + chunk.length, 0), 4)
  return [header, ...kept]
}

function withoutFlags(type: string, chunk: Buffer): Buffer {
  if (type !== 'VP8X' || chunk.length <= CHUNK_HEADER_BYTES) return chunk
  const changed = Buffer.from(chunk)
  changed[CHUNK_HEADER_BYTES] = (changed[CHUNK_HEADER_BYTES] ?? 0) & ~METADATA_FLAGS
  return changed
}
