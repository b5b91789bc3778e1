/** A box of an ISO file: where what is in it lies. */
interface Box {
  readonly name: string
  readonly start: number
  readonly end: number
}

/**
 * How many pixels a HEIF file (ISO/IEC 23008-12) has decoded when all of it is: of each picture, and of each
 * tile as often as one is laid out with it, since several are decoded at once. Throws when it is broken off.
 */
export function shownPixelsOf(bytes: Buffer): number {
  const pixels = new Map<number, number>()
  const tiles: number[] = []
  for (const meta of boxesIn(bytes, { start: 0, end: bytes.length }, 'meta')) {
    const inside = { ...meta, start: meta.start + 4 }
    for (const iprp of boxesIn(bytes, inside, 'iprp')) notePixels(bytes, iprp, pixels)
    for (const iref of boxesIn(bytes, inside, 'iref')) tiles.push(...tilesIn(bytes, iref))
  }
  const laidOut = new Set(tiles)
  const whole = [...pixels.keys()].filter((id) => !laidOut.has(id))
  return [...whole, ...tiles].reduce((sum, id) => sum + (pixels.get(id) ?? 0), 0)
}

/** Which picture has which size: properties are numbered from 1, and associated with pictures. */
function notePixels(bytes: Buffer, iprp: Box, pixels: Map<number, number>): void {
  const sizes = [0]
  for (const ipco of boxesIn(bytes, iprp, 'ipco')) {
    for (const { name, start } of boxesIn(bytes, ipco)) {
      const isSize = name === 'ispe'
      sizes.push(isSize ? bytes.readUInt32BE(start + 4) * bytes.readUInt32BE(start + 8) : 0)
    }
  }
  for (const { start } of boxesIn(bytes, iprp, 'ipma')) {
    const idBytes = bytes.readUInt8(start) === 0 ? 2 : 4
    const indexBytes = (bytes.readUInt8(start + 3) & 1) === 0 ? 1 : 2
    let at = start + 8
    for (let left = bytes.readUInt32BE(start + 4); left > 0; left--) {
      const id = bytes.readUIntBE(at, idBytes)
      const end = at + idBytes + 1 + bytes.readUInt8(at + idBytes) * indexBytes
      for (at += idBytes + 1; at < end; at += indexBytes) {
        // The highest bit says whether a reader must know the property.
        const index = bytes.readUIntBE(at, indexBytes) & (indexBytes === 1 ? 0x7f : 0x7fff)
        pixels.set(id, Math.max(pixels.get(id) ?? 0, sizes[index] ?? 0))
      }
    }
  }
}

/** The pictures that others are derived from, once for each time. */
function tilesIn(bytes: Buffer, iref: Box): readonly number[] {
  const idBytes = bytes.readUInt8(iref.start) === 0 ? 2 : 4
  const tiles: number[] = []
  for (const { start } of boxesIn(bytes, { ...iref, start: iref.start + 4 }, 'dimg')) {
    const first = start + idBytes + 2
    const count = bytes.readUInt16BE(start + idBytes)
    for (let n = 0; n < count; n++) tiles.push(bytes.readUIntBE(first + n * idBytes, idBytes))
  }
  return tiles
}

/** The boxes that lie side by side in another, or in the file. */
function* boxesIn(
  bytes: Buffer,
  { start, end }: Pick<Box, 'start' | 'end'>,
  wanted?: string,
): Generator<Box> {
  for (let at = start; at + 8 <= end;) {
    const said = bytes.readUInt32BE(at)
    const size = said === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : said || end - at
    const box = {
      name: bytes.toString('latin1', at + 4, at + 8),
      start: at + (said === 1 ? 16 : 8),
      end: Math.min(at + size, end),
    }
    if (box.end < box.start) return
    if (wanted === undefined || box.name === wanted) yield box
    at = box.end
  }
}
