import { randomFillSync } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const CHANNELS = 3
const EIGHT_BITS_RGB = [8, 2, 0, 0, 0]
/** Of the lines: enough to make each picture another one, and its size that of a small photo. */
const NOISY_PART = 0.1

/** A PNG that nobody has seen before, written as its specification says (third edition, chapters 5 and 11). */
export function makePicture(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set(EIGHT_BITS_RGB, 8)
  const lineBytes = 1 + width * CHANNELS
  const lines = Buffer.alloc(lineBytes * height)
  for (let line = 0; line < height; line++) {
    const start = line * lineBytes
    if (line < height * NOISY_PART) randomFillSync(lines, start + 1, lineBytes - 1)
    else lines.fill((line * 255) / height, start + 1, start + lineBytes)
    lines[start] = 0
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
