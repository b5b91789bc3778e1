import { crc32, deflateSync } from 'node:zlib'

/** Signature, and the header chunk that must come first. */
const BEFORE_PROFILE = 8 + 25

/** A PNG that says its colours are those of an ICC profile (PNG specification, 11.3.2.3). */
export function withIccProfile(png: Buffer, profile: Buffer): Buffer {
  const name = Buffer.from('ICC\0\0', 'latin1')
  const body = Buffer.concat([Buffer.from('iCCP', 'latin1'), name, deflateSync(profile)])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(body.length - 4, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), chunk.length - 4)
  return Buffer.concat([png.subarray(0, BEFORE_PROFILE), chunk, png.subarray(BEFORE_PROFILE)])
}
