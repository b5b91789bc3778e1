import { readFile, stat } from 'node:fs/promises'
import { decodeHeic, type DecodedPicture } from './decode-heic.ts'
import type { Derived, DeriveRequest } from './derive-request.ts'
import { deriveStills } from './derive-stills.ts'
import { faultOf } from './image-fault.ts'
import { IMAGE_LIMITS } from './image-limits.ts'
import { sharp } from './locked-sharp.ts'
import { openImage } from './open-image.ts'
import { withIccProfile } from './png-profile.ts'
import { writeDownload } from './write-download.ts'

/**
 * The same of a phone's HEIC as of any photo; its download is a JPEG, which everybody can open. One that is
 * not decoded has none at all: what it says of place and camera would go with it.
 */
export async function deriveHeic(request: DeriveRequest, contentType: string): Promise<Derived> {
  const nothing = { contentType, keepsOriginal: false, files: [] }
  if (!request.decode) return { ...nothing, reason: 'not_decoded' }
  const { size } = await stat(request.inputPath)
  if (size > IMAGE_LIMITS.maxHeifBytes) return { ...nothing, reason: 'too_many_bytes' }
  try {
    return await decodeAndDerive(request, contentType)
  } catch (error) {
    return { ...nothing, reason: faultOf(error) }
  }
}

async function decodeAndDerive(
  { inputPath, outputFolder }: DeriveRequest,
  contentType: string,
): Promise<Derived> {
  const picture = decodeHeic(await readFile(inputPath), IMAGE_LIMITS.maxPixels)
  const { width, height, channels } = picture
  const png = await toPng(picture)
  const longestSide = Math.max(width, height)
  const stills = await deriveStills(openImage(png, 'error'), longestSide, outputFolder)
  const download = await writeDownload(openImage(png, 'error'), channels === 4, outputFolder)
  const files = [...stills.files, download]
  return { contentType, width, height, thumbhash: stills.thumbhash, keepsOriginal: false, files }
}

/** Not packed, only wrapped: in a PNG the colours of phones are understood by what reads it next. */
async function toPng({ data, width, height, channels, profile }: DecodedPicture): Promise<Buffer> {
  const png = await sharp(data, {
    raw: { width, height, channels },
    limitInputPixels: IMAGE_LIMITS.maxPixels,
  })
    .png({ compressionLevel: 0 })
    .toBuffer()
  return profile === undefined ? png : withIccProfile(png, profile)
}
