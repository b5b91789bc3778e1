/** Types whose pictures are decoded by libvips, with the format its decoder must recognise. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['image/jpeg', 'jpeg'],
  ['image/png', 'png'],
  ['image/apng', 'png'],
  ['image/webp', 'webp'],
  ['image/gif', 'gif'],
  ['image/avif', 'heif'],
])

/** Those whose pictures are decoded by libheif. */
const HEIF_TYPES = new Set([
  'image/heic',
  'image/heif',
  'image/heic-sequence',
  'image/heif-sequence',
])

/** `undefined` for what libvips does not decode here. */
export function decodedFormatOf(contentType: string): string | undefined {
  return FORMATS.get(contentType)
}

export function isHeic(contentType: string): boolean {
  return HEIF_TYPES.has(contentType)
}
