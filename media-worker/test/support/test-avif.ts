import sharp from 'sharp'

/** A picture in a file of several: coded pixels, how to read them, and the size it says it has. */
export interface AvifPicture {
  readonly width: number
  readonly height: number
  readonly pixels: Buffer
  /** The box that a decoder is configured by. */
  readonly codec: Buffer
}

/** One colour, coded; saying a size that is not its own makes it a liar. */
export async function avifPicture(
  width: number,
  height: number,
  says = { width, height },
): Promise<AvifPicture> {
  const create = { width, height, channels: 3, background: 'red' } as const
  const bytes = await sharp({ create, limitInputPixels: false }).avif({ effort: 0 }).toBuffer()
  const codec = bytes.indexOf('av1C') - 4
  return {
    ...says,
    pixels: bytes.subarray(bytes.indexOf('mdat') + 4),
    codec: bytes.subarray(codec, codec + bytes.readUInt32BE(codec)),
  }
}

const ALPHA = Buffer.from('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0')

/** A picture whose transparency is another one. */
export function avifWithAlpha(picture: AvifPicture, alpha: AvifPicture): Buffer {
  return avifOf([picture, { ...alpha, role: fullBox('auxC', ALPHA) }], [['auxl', 2, [1]]])
}

/** A picture of `width` × `height` laid out of four tiles, the pictures 2 to 5 unless told otherwise. */
export function avifOfTiles(
  width: number,
  height: number,
  tile: AvifPicture,
  laidOut = [2, 3, 4, 5],
): Buffer {
  const layout = Buffer.concat([Buffer.from([0, 0, 1, 1]), uint16(width), uint16(height)])
  const grid = { width, height, pixels: layout }
  return avifOf([grid, tile, tile, tile, tile], [['dimg', 1, laidOut]])
}

/** Two pictures side by side, neither part of the other. */
export function avifOfPages(one: AvifPicture, other: AvifPicture): Buffer {
  return avifOf([one, other], [])
}

/** The same file under another main brand. */
export function withMajorBrand(avif: Buffer, brand: string): Buffer {
  const bytes = Buffer.from(avif)
  bytes.write(brand, bytes.indexOf('ftyp') + 4, 'latin1')
  return bytes
}

interface Item {
  readonly width: number
  readonly height: number
  readonly pixels: Buffer
  /** Absent in what is laid out of others. */
  readonly codec?: Buffer
  readonly role?: Buffer
}

type Reference = readonly [kind: string, from: number, to: readonly number[]]

/** A HEIF file (ISO/IEC 23008-12) of items numbered from 1, the first of them primary. */
function avifOf(items: readonly Item[], references: readonly Reference[]): Buffer {
  const type = box('ftyp', Buffer.from('avif\0\0\0\0avifmif1miaf'))
  const length = metaOf(items, references, 0).length
  const meta = metaOf(items, references, type.length + length + 8)
  return Buffer.concat([type, meta, box('mdat', ...items.map(({ pixels }) => pixels))])
}

function metaOf(items: readonly Item[], references: readonly Reference[], start: number): Buffer {
  const count = uint16(items.length)
  const properties: Buffer[] = []
  const uses: Buffer[] = []
  const places: Buffer[] = []
  let at = start
  for (const [index, { width, height, pixels, codec, role }] of items.entries()) {
    const own = [fullBox('ispe', uint32(width), uint32(height)), codec, role].filter(
      (property) => property !== undefined,
    )
    const numbers = own.map((_, n) => properties.length + n + 1)
    properties.push(...own)
    uses.push(uint16(index + 1), Buffer.from([numbers.length, ...numbers]))
    places.push(uint16(index + 1), uint16(0), uint16(1), uint32(at), uint32(pixels.length))
    at += pixels.length
  }
  const entries = items.map(({ codec }, index) => itemEntry(index + 1, codec ? 'av01' : 'grid'))
  return fullBox(
    'meta',
    fullBox('hdlr', Buffer.from('\0\0\0\0pict'), Buffer.alloc(13)),
    fullBox('pitm', uint16(1)),
    fullBox('iloc', Buffer.from([0x44, 0]), count, ...places),
    fullBox('iinf', count, ...entries),
    fullBox('iref', ...references.map(referenceBox)),
    box('iprp', box('ipco', ...properties), fullBox('ipma', uint32(items.length), ...uses)),
  )
}

function itemEntry(id: number, type: string): Buffer {
  return box('infe', Buffer.from([2, 0, 0, 0]), uint16(id), uint16(0), Buffer.from(`${type}\0`))
}

function referenceBox([kind, from, to]: Reference): Buffer {
  return box(kind, uint16(from), uint16(to.length), ...to.map(uint16))
}

function fullBox(name: string, ...content: readonly Buffer[]): Buffer {
  return box(name, uint32(0), ...content)
}

function box(name: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([uint32(body.length + 8), Buffer.from(name), body])
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
