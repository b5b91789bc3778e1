/** What is read of a HEIF file (ISO/IEC 23008-12) without decoding it. */

export interface HeifBrands {
  readonly major: string
  readonly compatible: readonly string[]
}

/** What a file of boxes says it is, by its first one; `undefined` for any other file. */
export function brandsOf(head: Buffer): HeifBrands | undefined {
  if (head.length < 16 || nameAt(head, 4) !== 'ftyp') return undefined
  const end = Math.min(head.readUInt32BE(0), head.length)
  const compatible: string[] = []
  for (let at = 16; at + 4 <= end; at += 4) compatible.push(nameAt(head, at))
  return { major: nameAt(head, 8), compatible }
}

/**
 * The pixels of the largest picture in a file, by what it says: of any, not of the primary one alone, whose
 * transparency or tiles may be far larger. All bytes are searched for sizes (`ispe`), since boxes may lie
 * anywhere; compressed pixels that look like one are rarer than damaged files. Decoders refuse pictures of
 * any other size than is said.
 */
export function mostPixelsIn(bytes: Buffer): number {
  let most = 0
  for (let at = bytes.indexOf('ispe', 4); at !== -1; at = bytes.indexOf('ispe', at + 4)) {
    const isSizeLong = bytes.readUInt32BE(at - 4) === 1
    // Version and flags, then width and height.
    const body = at + (isSizeLong ? 12 : 4)
    if (body + 12 > bytes.length || bytes[body] !== 0) continue
    most = Math.max(most, bytes.readUInt32BE(body + 4) * bytes.readUInt32BE(body + 8))
  }
  return most
}

function nameAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + 4)
}
