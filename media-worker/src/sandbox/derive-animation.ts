import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metadata } from 'sharp'
import type { DerivedFile, DeriveRequest } from './derive-request.ts'
import { faultOf } from './image-fault.ts'
import { ANIMATION_LIMITS } from './image-limits.ts'
import { openFrames, type FailOn } from './open-image.ts'

const ANIMATED = 'animated'

/**
 * A small moving copy of an animation, its pace and its repeats kept, without metadata. As many frames as the
 * limits allow, from the first on. None for what does not move, whose single frames are over the
 * limit, or whose later frames are broken: its stills stand alone.
 */
export async function deriveAnimation(
  { inputPath, outputFolder }: DeriveRequest,
  metadata: Metadata,
  failOn: FailOn,
): Promise<readonly DerivedFile[]> {
  const frames = framesWithin(metadata)
  // Frames cannot be turned one by one; cameras write no animations.
  if (frames < 2 || (metadata.orientation ?? 1) !== 1) return []
  const { side, quality, effort } = ANIMATION_LIMITS
  const path = join(outputFolder, ANIMATED)
  try {
    const { width, height, pageHeight } = await openFrames(inputPath, failOn, frames)
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .webp({ quality, effort })
      .toFile(path)
    const file = { variant: ANIMATED, contentType: 'image/webp', width }
    return [{ ...file, height: pageHeight ?? height }]
  } catch (error) {
    faultOf(error)
    await rm(path, { force: true })
    return []
  }
}

function framesWithin({ pages = 1, width, pageHeight, height }: Metadata): number {
  const framePixels = width * (pageHeight ?? height)
  const { maxFrames, maxPixels } = ANIMATION_LIMITS
  return Math.min(pages, maxFrames, Math.floor(maxPixels / framePixels))
}
