/** What files begin with that are photos, of kinds that are not known otherwise or only by what lies deep inside. */
const SIGNATURES: readonly (readonly [start: string, contentType: string])[] = [
  // TIFF, and what is TIFF inside: what it holds is often listed at its very end.
  ['II*\0', 'image/tiff'],
  ['MM\0*', 'image/tiff'],
  ['II+\0', 'image/tiff'],
  ['MM\0+', 'image/tiff'],
  ['IIRO', 'image/x-olympus-orf'],
  ['IIRS', 'image/x-olympus-orf'],
  ['MMOR\0', 'image/x-olympus-orf'],
  ['IIU\0', 'image/x-panasonic-rw2'],
  // Other raw photos.
  ['II\x1a\0\0\0HEAPCCDR', 'image/x-canon-crw'],
  ['\0MRM', 'image/x-minolta-mrw'],
  ['FOVb', 'image/x-sigma-x3f'],
  // JPEG 2000 of any brand.
  ['\0\0\0\x0cjP  \r\n\x87\n', 'image/jp2'],
]

/** The type of a file that is no text, by its first bytes alone; `undefined` for most. */
export function typeBySignature(head: Buffer): string | undefined {
  const found = SIGNATURES.find(([start]) => head.toString('latin1', 0, start.length) === start)
  return found?.[1]
}
