/**
 * Photos that carry where and with what they were taken, of kinds that are not decoded here: TIFF and raw
 * photos, most of which are TIFF inside, and the successors of JPEG.
 */
const UNCLEANED: ReadonlySet<string> = new Set([
  'image/tiff',
  'image/x-adobe-dng',
  'image/x-canon-cr2',
  'image/x-canon-cr3',
  'image/x-canon-crw',
  'image/x-fujifilm-raf',
  'image/x-minolta-mrw',
  'image/x-nikon-nef',
  'image/x-olympus-orf',
  'image/x-panasonic-rw2',
  'image/x-sigma-x3f',
  'image/x-sony-arw',
  'image/bpg',
  'image/flif',
  'image/jls',
  'image/jxl',
  'image/jp2',
  'image/jpm',
  'image/jpx',
  'image/mj2',
  'image/vnd.ms-photo',
])

/** Whether what a camera noted in it would go wherever the file goes. */
export function isUncleaned(contentType: string): boolean {
  return UNCLEANED.has(contentType)
}
