// What the codec needs of the Encoding Standard, which k6 has nothing of. Bundling puts it in the place of the globals.

/** Always UTF-8. */
export class TextEncoder {
  encode(text = ''): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(text.length * 3)
    return bytes.slice(0, this.encodeInto(text, bytes).written)
  }

  /** Writes whole letters, as many as fit. */
  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    let read = 0
    let written = 0
    for (const letter of text) {
      const bytes = bytesOf(letter.codePointAt(0) ?? 0)
      if (written + bytes.length > target.length) break
      target.set(bytes, written)
      written += bytes.length
      read += letter.length
    }
    return { read, written }
  }
}

/** Always UTF-8, always strict, and a byte order mark is a letter like others: what the codec asks for. */
export class TextDecoder {
  /** Throws for bytes that are not UTF-8. */
  decode(bytes: Uint8Array): string {
    let ascii = ''
    let escaped = ''
    for (const byte of bytes) {
      if (byte < 0x80) ascii += String.fromCharCode(byte)
      escaped += `%${byte.toString(16).padStart(2, '0')}`
    }
    return ascii.length === bytes.length ? ascii : decodeURIComponent(escaped)
  }
}

const REPLACEMENT = 0xfffd

function bytesOf(point: number): readonly number[] {
  if (point < 0x80) return [point]
  if (point < 0x800) return [0xc0 | (point >> 6), trail(point)]
  // Half of a surrogate pair is no letter.
  if (point >= 0xd800 && point <= 0xdfff) return bytesOf(REPLACEMENT)
  if (point < 0x1_0000) return [0xe0 | (point >> 12), trail(point >> 6), trail(point)]
  return [0xf0 | (point >> 18), trail(point >> 12), trail(point >> 6), trail(point)]
}

function trail(bits: number): number {
  return 0x80 | (bits & 0x3f)
}
