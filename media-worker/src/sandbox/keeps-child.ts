import { isUncleaned } from './uncleaned-types.ts'

/** Decoded, if at all, by libvips alone, with all but these loaders taken out of it. */
const DECODED_BY_LIBVIPS: readonly string[] = ['image/jpeg', 'image/png', 'image/webp']

/**
 * Whether a child that had a file of this type may get another one. What went through ffmpeg, which may have left
 * something running, or through a decoder of HEIC or AVIF, may have taken the child over, and whoever has it could put the
 * next file, somebody else's, into what is made of one of its own. A new child costs half as much as
 * a photo: after photos, and what is not decoded, it stays.
 */
export function keepsChild(contentType: string): boolean {
  const isDecoded = /^(image|video|audio)\//.test(contentType)
  return !isDecoded || isUncleaned(contentType) || DECODED_BY_LIBVIPS.includes(contentType)
}
