import type { Sharp, SharpOptions } from 'sharp'
import { IMAGE_LIMITS } from './image-limits.ts'
import { sharp } from './locked-sharp.ts'

export type FailOn = NonNullable<SharpOptions['failOn']>

/** The first picture of an image, with bounds on all that decoding it may take, upright. */
export function openImage(input: string | Buffer, failOn: FailOn): Sharp {
  return openBounded(input, { failOn, autoOrient: true })
}

/** The first `pages` frames of an animation, with the same bounds over all of them. */
export function openFrames(input: string, failOn: FailOn, pages: number): Sharp {
  return openBounded(input, { failOn, pages })
}

function openBounded(input: string | Buffer, options: SharpOptions): Sharp {
  return sharp(input, {
    ...options,
    limitInputPixels: IMAGE_LIMITS.maxPixels,
    limitInputChannels: 5,
    unlimited: false,
    sequentialRead: true,
  }).timeout({ seconds: IMAGE_LIMITS.decodeSeconds })
}
