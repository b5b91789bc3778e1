import type { Sharp } from 'sharp'
import { IMAGE_LIMITS } from './image-limits.ts'
import { sharp } from './locked-sharp.ts'

/**
 * Decodes a picture once, for all that is made of it: in sRGB, 8 bits a channel, to be opened as often as needed.
 * Decoding is a third of the work on a photo. For pictures that may be held in memory.
 */
export async function decodeWhole(image: Sharp): Promise<() => Sharp> {
  const { data, info } = await image
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return () =>
    sharp(data, { raw: { width, height, channels } }).timeout({
      seconds: IMAGE_LIMITS.decodeSeconds,
    })
}
