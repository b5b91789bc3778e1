import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import type { DerivedFile } from './derive-request.ts'
import { PREVIEW_EFFORT, PREVIEW_SIZES } from './image-limits.ts'

export interface Stills {
  /** base64url */
  readonly thumbhash: string
  readonly files: readonly DerivedFile[]
}

/** Previews of a picture in all sizes, none enlarged, none with metadata, in sRGB; and its thumbhash. */
export async function deriveStills(
  image: Sharp,
  longestSide: number,
  outputFolder: string,
): Promise<Stills> {
  const openReduced = await reduce(image)
  const files = await writePreviews(openReduced, longestSide, outputFolder)
  return { files, thumbhash: await hashThumbnail(openReduced()) }
}

/** Decodes once to the size of the largest preview; the smaller ones are made from those pixels. */
async function reduce(image: Sharp): Promise<() => Sharp> {
  const side = PREVIEW_SIZES[PREVIEW_SIZES.length - 1]?.side ?? 0
  const { data, info } = await image
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return () => sharp(data, { raw: { width, height, channels } })
}

async function writePreviews(
  openImage: () => Sharp,
  longestSide: number,
  outputFolder: string,
): Promise<readonly DerivedFile[]> {
  const files: DerivedFile[] = []
  let sideBefore = 0
  for (const { variant, side, quality } of PREVIEW_SIZES) {
    // It would equal the one before.
    if (files.length > 0 && longestSide <= sideBefore) break
    sideBefore = side
    const { width, height } = await openImage()
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .webp({ quality, effort: PREVIEW_EFFORT })
      .toFile(join(outputFolder, variant))
    files.push({ variant, contentType: 'image/webp', width, height })
  }
  return files
}

async function hashThumbnail(image: Sharp): Promise<string> {
  const { data, info } = await image
    .resize({ width: 100, height: 100, fit: 'inside', withoutEnlargement: true })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64url')
}
