import { orientationSegment, readOrientation } from './exif-orientation.ts'

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const APP1 = 0xe1

/** Application segments that say how to read the pixels, by marker and what they begin with. */
const KEPT_APPLICATIONS: ReadonlyMap<number, string> = new Map([
  [0xe0, 'JFIF\0'],
  [0xe2, 'ICC_PROFILE\0'],
  [0xee, 'Adobe'],
])

/**
 * The pieces of a JPEG without comments, location, camera and whatever follows its end; the orientation
 * stays. `undefined` when no picture begins in it. What is cut off stays cut off.
 */
export function scrubJpeg(bytes: Buffer): readonly Buffer[] | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return undefined
  const segments = [...readSegments(bytes)]
  if (!segments.some(({ marker }) => marker === SOS)) return undefined
  const kept = segments.flatMap(({ marker, segment }) => keptOf(marker, segment))
  return [Buffer.from([0xff, SOI]), ...kept, Buffer.from([0xff, EOI])]
}

/** Segments up to the end of the image, scans with their compressed data; none that is cut short. */
function* readSegments(
  bytes: Buffer,
): Generator<{ readonly marker: number; readonly segment: Buffer }> {
  let position = 2
  while (position + 4 <= bytes.length && bytes[position] === 0xff) {
    // A marker may be preceded by any number of 0xff.
    if (bytes[position + 1] === 0xff) {
      position++
      continue
    }
    const marker = bytes[position + 1] ?? 0
    const start = position
    position += isStandalone(marker) ? 2 : 2 + bytes.readUInt16BE(start + 2)
    if (marker === EOI || position > bytes.length) return
    if (marker === SOS) position = endOfScan(bytes, position)
    yield { marker, segment: bytes.subarray(start, position) }
  }
}

function keptOf(marker: number, segment: Buffer): readonly Buffer[] {
  const payload = segment.subarray(4)
  if (marker === APP1) {
    const orientation = readOrientation(payload)
    return orientation === undefined ? [] : [orientationSegment(orientation)]
  }
  const isApplication = marker >= 0xe0 && marker <= 0xef
  const isComment = marker === 0xfe
  if (!isApplication) return isComment ? [] : [segment]
  const beginning = KEPT_APPLICATIONS.get(marker)
  const isKept =
    beginning !== undefined && payload.toString('latin1', 0, beginning.length) === beginning
  return isKept ? [segment] : []
}

function isStandalone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)
}

/** Where the next segment begins: in compressed data 0xff is followed by 0 or a restart marker. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next === undefined) return bytes.length
    if (next !== 0 && next !== 0xff && !isStandalone(next)) return at
  }
  return bytes.length
}
