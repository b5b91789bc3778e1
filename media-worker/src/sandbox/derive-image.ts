import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import type { Derived, DerivedFile, DeriveRequest } from './derive-request.ts'
import { DOWNLOAD_JPEG_QUALITY, IMAGE_LIMITS, PREVIEW_SIZES } from './image-limits.ts'
import { scrubImage } from './scrub/scrub-image.ts'

/** Types that are decoded here, with the format their decoder must recognise. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['image/jpeg', 'jpeg'],
  ['image/png', 'png'],
  ['image/apng', 'png'],
  ['image/webp', 'webp'],
  ['image/gif', 'gif'],
])
const DOWNLOAD = 'download'

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
 * One that cannot be decoded, or is over the limits, has only a download, its pixels as they came, and the
 * reason; not even that when there is no picture in it.
 */
export async function deriveImage(request: DeriveRequest, contentType: string): Promise<Derived> {
  if (!request.decode) return undecoded(request, contentType, 'not_decoded')
  const { size } = await stat(request.inputPath)
  if (size > IMAGE_LIMITS.maxBytes) {
    return { contentType, keepsOriginal: false, files: [], reason: 'too_many_bytes' }
  }
  let reason = 'unreadable'
  // Strictly first; but real cameras write files a strict reader objects to.
  for (const failOn of ['warning', 'error'] as const) {
    try {
      return await decodeAndDerive(request, contentType, failOn)
    } catch (error) {
      if (isOfMachine(error)) throw error
      reason = reasonOf(error)
      if (reason !== 'unreadable') break
    }
  }
  return undecoded(request, contentType, reason)
}

async function undecoded(
  request: DeriveRequest,
  contentType: string,
  reason: string,
): Promise<Derived> {
  const download = await writeScrubbed(request, contentType)
  const files = download === undefined ? [] : [download]
  return { contentType, keepsOriginal: false, files, reason }
}

async function decodeAndDerive(
  request: DeriveRequest,
  contentType: string,
  failOn: NonNullable<SharpOptions['failOn']>,
): Promise<Derived> {
  const openImage = (): Sharp =>
    sharp(request.inputPath, {
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
  if (width * height > IMAGE_LIMITS.maxPixels) throw new Error('Input image exceeds pixel limit')
  const openReduced = await reduce(openImage())
  const previews = await writePreviews(openReduced, Math.max(width, height), request.outputFolder)
  const isAnimated = (metadata.pages ?? 1) > 1 || contentType === 'image/apng'
  const download =
    (isAnimated ? await writeScrubbed(request, contentType) : undefined) ??
    (await writeDownload(openImage(), metadata, request.outputFolder))
  const thumbhash = await hashThumbnail(openReduced())
  const files = [...previews, download]
  return { contentType, width, height, thumbhash, keepsOriginal: false, files }
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
      .webp({ quality, effort: 4 })
      .toFile(join(outputFolder, variant))
    files.push({ variant, contentType: 'image/webp', width, height })
  }
  return files
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
  const { width, height } = await encoded.toFile(join(outputFolder, DOWNLOAD))
  const contentType = isLossless ? 'image/png' : 'image/jpeg'
  return { variant: DOWNLOAD, contentType, width, height }
}

async function writeScrubbed(
  { inputPath, outputFolder }: DeriveRequest,
  contentType: string,
): Promise<DerivedFile | undefined> {
  const path = join(outputFolder, DOWNLOAD)
  // A failed try at decoding may have left something.
  await rm(path, { force: true })
  const isWritten = await scrubImage(contentType, inputPath, path)
  return isWritten ? { variant: DOWNLOAD, contentType } : undefined
}

async function hashThumbnail(image: Sharp): Promise<string> {
  const { data, info } = await image
    .resize({ width: 100, height: 100, fit: 'inside', withoutEnlargement: true })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64url')
}

/** Out of room for what is made: no fault of the file. */
function isOfMachine(error: unknown): boolean {
  return (
    error instanceof Error && /ENOSPC|EDQUOT|no space left|unable to write/i.test(error.message)
  )
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  if (/pixel limit/i.test(message)) return 'too_many_pixels'
  if (/timeout/i.test(message)) return 'took_too_long'
  return 'unreadable'
}
