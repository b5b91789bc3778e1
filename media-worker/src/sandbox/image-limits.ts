/** Bounds of what is decoded: beyond them an image is a file like any other. */
export const IMAGE_LIMITS = {
  maxPixels: 50_000_000,
  /** Held decoded, at 3 or 4 bytes a pixel, for all that is made of it; larger ones are decoded twice. */
  maxPixelsHeld: 25_000_000,
  maxBytes: 500 * 1024 * 1024,
  /** Of HEIC and AVIF: read whole into memory. */
  maxHeifBytes: 100 * 1024 * 1024,
  /** Its decoder takes 20 bytes a pixel. */
  maxAvifPixels: 25_000_000,
  /** Of all that is in an AVIF: transparency is a picture of its own, and tiles are decoded several at once. */
  maxAvifPixelsInAll: 40_000_000,
  /** Inside the decoder; the child's own deadline is the hard one. */
  decodeSeconds: 10,
} as const

/**
 * Previews, smallest first: longest side, WebP quality, and how hard WebP tries. Of 1,600 px, of a 12 MP photo, it
 * takes 145 ms at 4, 95 at 2, 78 at 1, and the file grows by 3 % from 2 to 1.
 */
export const PREVIEW_SIZES = [
  { variant: 'w320', side: 320, quality: 70, effort: 2 },
  { variant: 'w800', side: 800, quality: 75, effort: 2 },
  { variant: 'w1600', side: 1_600, quality: 80, effort: 1 },
] as const

export type PreviewSize = (typeof PREVIEW_SIZES)[number]

/** Of moving copies: longest side, and how much is decoded over all frames. */
export const ANIMATION_LIMITS = {
  side: 480,
  maxFrames: 1_000,
  maxPixels: 30_000_000,
  quality: 60,
  effort: 3,
} as const

/** Of silent videos of large animations. */
export const LOOP_LIMITS = {
  beyondBytes: 2_000_000,
  side: 720,
  maxSeconds: 60,
  /** Well inside the time an image has in all. */
  timeoutMs: 5_000,
} as const

export const DOWNLOAD_JPEG_QUALITY = 90
