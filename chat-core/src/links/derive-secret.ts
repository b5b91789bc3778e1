import { hkdfSync } from 'node:crypto'

/** A secret for one purpose, of 32 bytes, from the one that operators keep. */
export function deriveSecret(
  secret: string,
  purpose: 'media links' | 'upload addresses',
): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `satchel ${purpose}`, 32))
}
