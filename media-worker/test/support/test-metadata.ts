import { deflateSync } from 'node:zlib'
import { pngChunk } from './test-archives.ts'
import { MARKER } from './test-images.ts'

/** What a camera notes beside a picture, each piece with a text of its own that is to be found nowhere. */
export const NOTES = {
  maker: `${MARKER}-maker-note`,
  place: `${MARKER}-gps`,
  description: `${MARKER}-description`,
  xmp: `${MARKER}-xmp`,
  iptc: `${MARKER}-iptc`,
  comment: `${MARKER}-comment`,
} as const

const XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>${NOTES.xmp}</exif:GPSLatitude></x:xmpmeta>`
const ASCII = 2
const LONG = 4
const UNDEFINED = 7

type Entry = readonly [tag: number, type: number, value: string | number]

/** Exif as cameras write it: description and orientation, maker's notes, and where it was taken (a TIFF file). */
function cameraExif(orientation = 1): Buffer {
  const blocks: Buffer[] = [Buffer.from('II*\0\x08\0\0\0', 'latin1')]
  // Each directory has room for its texts behind it, so the sizes are known before the places are.
  const main = (exif: number, gps: number): Entry[] => [
    [0x010e, ASCII, NOTES.description],
    [0x0112, 3, orientation],
    [0x8769, LONG, exif],
    [0x8825, LONG, gps],
  ]
  const exif: Entry[] = [[0x927c, UNDEFINED, NOTES.maker]]
  const gps: Entry[] = [[0x001b, UNDEFINED, NOTES.place]]
  const exifAt = 8 + directory(main(0, 0), 8).length
  const gpsAt = exifAt + directory(exif, exifAt).length
  blocks.push(directory(main(exifAt, gpsAt), 8), directory(exif, exifAt), directory(gps, gpsAt))
  return Buffer.concat(blocks)
}

function directory(entries: readonly Entry[], at: number): Buffer {
  const head = Buffer.alloc(2 + entries.length * 12 + 4)
  head.writeUInt16LE(entries.length, 0)
  const texts: Buffer[] = []
  let textsAt = at + head.length
  entries.forEach(([tag, type, value], index) => {
    const entry = 2 + index * 12
    head.writeUInt16LE(tag, entry)
    head.writeUInt16LE(type, entry + 2)
    if (typeof value === 'number') {
      head.writeUInt32LE(1, entry + 4)
      head.writeUInt32LE(value, entry + 8)
      return
    }
    const text = Buffer.from(`${value}\0`)
    head.writeUInt32LE(text.length, entry + 4)
    head.writeUInt32LE(textsAt, entry + 8)
    texts.push(text)
    textsAt += text.length
  })
  return Buffer.concat([head, ...texts])
}

/** A JPEG with everything in it that a JPEG may say of a person. */
export function annotatedJpeg(jpeg: Buffer, orientation: number): Buffer {
  const segment = (marker: number, payload: Buffer): Buffer => {
    const head = Buffer.from([0xff, marker, 0, 0])
    head.writeUInt16BE(payload.length + 2, 2)
    return Buffer.concat([head, payload])
  }
  const text = (content: string): Buffer => Buffer.from(content, 'latin1')
  return Buffer.concat([
    jpeg.subarray(0, 2),
    segment(0xe1, Buffer.concat([text('Exif\0\0'), cameraExif(orientation)])),
    segment(0xe1, text(`http://ns.adobe.com/xap/1.0/\0${XMP}`)),
    segment(0xe1, text(`http://ns.adobe.com/xmp/extension/\0${NOTES.xmp}`)),
    segment(
      0xed,
      text(`Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x20\x1c\x02\x78\0\x20${NOTES.iptc}`),
    ),
    segment(0xe2, text(`MPF\0${NOTES.maker}`)),
    segment(0xfe, text(NOTES.comment)),
    jpeg.subarray(2),
  ])
}

/** The same of a PNG. */
export function annotatedPng(png: Buffer, orientation: number): Buffer {
  const packed = deflateSync(NOTES.iptc)
  const beforePixels = 8 + 25
  return Buffer.concat([
    png.subarray(0, beforePixels),
    pngChunk('eXIf', cameraExif(orientation)),
    pngChunk('tEXt', Buffer.from(`Comment\0${NOTES.comment}`)),
    pngChunk('zTXt', Buffer.concat([Buffer.from('Raw profile type iptc\0\0'), packed])),
    pngChunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${XMP}`)),
    pngChunk('prVt', Buffer.from(NOTES.maker)),
    png.subarray(beforePixels),
  ])
}

/** The same of a WebP that has a header for it. */
export function annotatedWebp(webp: Buffer, orientation: number): Buffer {
  const chunk = (type: string, content: Buffer): Buffer => {
    const head = Buffer.alloc(8)
    head.write(type, 'latin1')
    head.writeUInt32LE(content.length, 4)
    return Buffer.concat([head, content, Buffer.alloc(content.length % 2)])
  }
  const flagged = Buffer.from(webp)
  flagged[20] = (flagged[20] ?? 0) | 0x0c
  const all = Buffer.concat([
    flagged,
    chunk('EXIF', cameraExif(orientation)),
    chunk('XMP ', Buffer.from(XMP)),
    chunk('NOTE', Buffer.from(NOTES.comment)),
  ])
  all.writeUInt32LE(all.length - 8, 4)
  return all
}

/** The same of a GIF: comments, a text that would be drawn, and XMP. */
export function annotatedGif(gif: Buffer): Buffer {
  const blocks = (content: string): Buffer =>
    Buffer.concat([Buffer.from([content.length]), Buffer.from(content), Buffer.from([0])])
  return Buffer.concat([
    gif.subarray(0, -1),
    Buffer.from([0x21, 0xfe]),
    blocks(NOTES.comment),
    Buffer.from([0x21, 0xff, 11]),
    Buffer.from('XMP DataXMP'),
    blocks(NOTES.xmp),
    Buffer.from([0x21, 0xff, 11]),
    Buffer.from('MGK8BIM0000'),
    blocks(NOTES.iptc),
    Buffer.from([0x3b]),
  ])
}
