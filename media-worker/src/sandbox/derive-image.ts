import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metadata, Sharp } from 'sharp'
import { decodeWhole } from './decode-whole.ts'
import { deriveAnimation } from './derive-animation.ts'
import { deriveStills } from './derive-stills.ts'
import { deriveLoop } from './derive-loop.ts'
import type { Derived, DerivedFile, DeriveRequest } from './derive-request.ts'
import { faultOf } from './image-fault.ts'
import { brandsOf, mostPixelsIn } from './heif-file.ts'
import { IMAGE_LIMITS } from './image-limits.ts'
import { decodedFormatOf } from './image-types.ts'
import { openImage, type FailOn } from './open-image.ts'
import { shownPixelsOf } from './shown-pixels-of.ts'
import { scrubImage } from './scrub/scrub-image.ts'
import { DOWNLOAD, writeDownload } from './write-download.ts'

/** Others may have several pictures in them, and do not move: they are pages, or takes of one scene. */
const MOVING = ['image/apng', 'image/webp', 'image/gif']

/**
 * Upright previews, a full-size download and a thumbhash of an image, none with any metadata, all in sRGB.
 * One that cannot be decoded, or is over the limits, has only a download, its pixels as they came, and the
 * reason; not even that when there is no picture in it.
 */
export async function deriveImage(request: DeriveRequest, contentType: string): Promise<Derived> {
  if (!request.decode) return undecoded(request, contentType, 'not_decoded')
  const refusal = await refusalOf(request, contentType)
  if (refusal !== undefined) {
    return { contentType, keepsOriginal: false, files: [], reason: refusal }
  }
  let reason = 'unreadable'
  // Strictly first; but real cameras write files a strict reader objects to.
  for (const failOn of ['warning', 'error'] as const) {
    try {
      return await decodeAndDerive(request, contentType, failOn)
    } catch (error) {
      reason = faultOf(error)
      if (reason !== 'unreadable') break
    }
  }
  return undecoded(request, contentType, reason)
}

/** Why nothing is to be made of a file at all; `undefined` when it is worth a try. */
async function refusalOf(
  { inputPath }: DeriveRequest,
  contentType: string,
): Promise<string | undefined> {
  const isAvif = contentType === 'image/avif'
  const { size } = await stat(inputPath)
  const maxBytes = isAvif ? IMAGE_LIMITS.maxHeifBytes : IMAGE_LIMITS.maxBytes
  if (size > maxBytes) return 'too_many_bytes'
  return isAvif ? refusalOfAvif(await readFile(inputPath)) : undefined
}

function refusalOfAvif(bytes: Buffer): string | undefined {
  // A sequence: the decoder does not open it, and what is said beside it cannot be taken out.
  if (brandsOf(bytes)?.major === 'avis') return 'not_cleaned'
  const { maxAvifPixels, maxAvifPixelsInAll } = IMAGE_LIMITS
  if (mostPixelsIn(bytes) > maxAvifPixels) return 'too_many_pixels'
  try {
    return shownPixelsOf(bytes) > maxAvifPixelsInAll ? 'too_many_pixels' : undefined
  } catch {
    return 'unreadable'
  }
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
  failOn: FailOn,
): Promise<Derived> {
  const { inputPath, outputFolder } = request
  const metadata = await openImage(inputPath, failOn).metadata()
  if (metadata.format !== decodedFormatOf(contentType))
    throw new Error('not what its signature says')
  const { width, height } = metadata.autoOrient
  if (width * height > IMAGE_LIMITS.maxPixels) throw new Error('Input image exceeds pixel limit')
  const longestSide = Math.max(width, height)
  const { pages = 1 } = metadata
  const isAnimated = MOVING.includes(contentType) && (pages > 1 || contentType === 'image/apng')
  const openFile = (): Sharp => openImage(inputPath, failOn)
  // The decoder of AVIF takes enough memory as it is.
  const mayHold = !isAnimated && contentType !== 'image/avif'
  const isHeld = mayHold && width * height <= IMAGE_LIMITS.maxPixelsHeld
  const open = isHeld ? await decodeWhole(openFile()) : openFile
  const stills = await deriveStills(open(), longestSide, outputFolder)
  const download =
    (isAnimated ? await writeScrubbed(request, contentType) : undefined) ??
    (await writeDownload(open(), isLossless(metadata), outputFolder))
  const animation = isAnimated ? await deriveAnimation(request, metadata, failOn) : []
  const loop = await deriveLoop(request, metadata)
  const files = [...stills.files, ...animation, ...loop, download]
  return { contentType, width, height, thumbhash: stills.thumbhash, keepsOriginal: false, files }
}

function isLossless({ format, hasAlpha }: Metadata): boolean {
  return format === 'png' || format === 'gif' || hasAlpha
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
