import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import type { Derived, DerivedFile, DeriveRequest } from './derive-request.ts'
import { DOWNLOAD_JPEG_QUALITY, IMAGE_LIMITS, PREVIEW_SIZES } from './image-limits.ts'

/** Types that are decoded here, with the format their decoder must recognise. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['image/jpeg', 'jpeg'],
  ['image/png', 'png'],
  ['image/apng', 'png'],
  ['image/webp', 'webp'],
  ['image/gif', 'gif'],
])

export function isDecodedImage(contentType: string): boolean {
  return FORMATS.has(contentType)
}

/** Shuts out every decoder but those of `FORMATS`. Called once, before the first file. */
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

/**
 * Upright previews, a full-size download and a thumbhash of an image, none with any metadata, all in sRGB.
 * An image that cannot be decoded, or is over the limits, comes back with the reason and no files.
 */
export async function deriveImage(request: DeriveRequest, contentType: string): Promise<Derived> {
  const { size } = await stat(request.inputPath)
  if (size > IMAGE_LIMITS.maxBytes) return undecoded(contentType, 'too_many_bytes')
  try {
    return await decodeAndDerive(request, contentType, 'warning')
  } catch (error) {
    if (reasonOf(error) !== 'unreadable') return undecoded(contentType, reasonOf(error))
  }
  // Real cameras write files a strict reader objects to.
  try {
    return await decodeAndDerive(request, contentType, 'error')
  } catch (error) {
    return undecoded(contentType, reasonOf(error))
  }
}

async function decodeAndDerive(
  { inputPath, outputFolder }: DeriveRequest,
  contentType: string,
  failOn: NonNullable<SharpOptions['failOn']>,
): Promise<Derived> {
  const openImage = (): Sharp =>
    sharp(inputPath, {
      failOn,
      limitInputPixels: IMAGE_LIMITS.maxPixels,
      limitInputChannels: 5,
      unlimited: false,
      sequentialRead: true,
      autoOrient: true,
    }).timeout({ seconds: IMAGE_LIMITS.decodeSeconds })
  const metadata = await openImage().metadata()
  if (metadata.format !== FORMATS.get(contentType)) throw new Error('not what its signature says')
  const { width, height } = metadata.autoOrient
  if (metadata.width * metadata.height > IMAGE_LIMITS.maxPixels) {
    throw new Error('Input image exceeds pixel limit')
  }
  const files: DerivedFile[] = []
  for (const [index, { variant, side, quality }] of PREVIEW_SIZES.entries()) {
    // A size that would equal the one before is left out.
    if (index > 0 && Math.max(width, height) <= (PREVIEW_SIZES[index - 1]?.side ?? 0)) break
    const { width: made, height: madeHeight } = await openImage()
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .webp({ quality, effort: 4 })
      .toFile(join(outputFolder, variant))
    files.push({ variant, contentType: 'image/webp', width: made, height: madeHeight })
  }
  files.push(await writeDownload(openImage(), metadata, outputFolder))
  const thumbhash = await hashThumbnail(openImage())
  return { contentType, width, height, thumbhash, keepsOriginal: false, files }
}

async function writeDownload(
  image: Sharp,
  { format, hasAlpha }: Metadata,
  outputFolder: string,
): Promise<DerivedFile> {
  const isLossless = format === 'png' || format === 'gif' || hasAlpha
  const encoded = isLossless
    ? image.png({ compressionLevel: 6 })
    : image.jpeg({ quality: DOWNLOAD_JPEG_QUALITY, chromaSubsampling: '4:2:0' })
  const { width, height } = await encoded.toFile(join(outputFolder, 'download'))
  const contentType = isLossless ? 'image/png' : 'image/jpeg'
  return { variant: 'download', contentType, width, height }
}

async function hashThumbnail(image: Sharp): Promise<string> {
  const { data, info } = await image
    .resize({ width: 100, height: 100, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64url')
}

function undecoded(contentType: string, reason: string): Derived {
  return { contentType, keepsOriginal: true, files: [], reason }
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  if (/pixel limit/i.test(message)) return 'too_many_pixels'
  if (/timeout/i.test(message)) return 'took_too_long'
  return 'unreadable'
}
