import sharp, { type Sharp, type SharpOptions } from 'sharp'
import { IMAGE_LIMITS } from './image-limits.ts'

export type FailOn = NonNullable<SharpOptions['failOn']>

/** Shuts out every decoder but those of the types we make previews of. Called once, before the first file. */
export function lockDownSharp(): void {
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({
    operation: [
      'VipsForeignLoadJpeg',
      'VipsForeignLoadPng',
      'VipsForeignLoadWebp',
      'VipsForeignLoadNsgif',
    ],
  })
}

/** An image with bounds on all that decoding it may take, upright. `pages`: how many frames are looked at. */
export function openImage(input: string | Buffer, failOn: FailOn, pages = 1): Sharp {
  return sharp(input, {
    failOn,
    pages,
    limitInputPixels: IMAGE_LIMITS.maxPixels,
    limitInputChannels: 5,
    unlimited: false,
    sequentialRead: true,
    autoOrient: true,
  }).timeout({ seconds: IMAGE_LIMITS.decodeSeconds })
}
