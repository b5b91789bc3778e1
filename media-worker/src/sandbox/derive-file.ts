import type { Derived, DeriveRequest } from './derive-request.ts'
import { deriveHeic, isHeic } from './derive-heic.ts'
import { deriveImage, isDecodedImage } from './derive-image.ts'
import { deriveHls } from './derive-hls.ts'
import { derivePlayable } from './derive-playable.ts'
import { containerOf } from './ffmpeg/containers.ts'
import { isUncleaned } from './uncleaned-types.ts'

/** Makes what can be made of a file of any kind. The outcome is about the file; what it throws is about the machine. */
export async function deriveFile(request: DeriveRequest, contentType: string): Promise<Derived> {
  if (isDecodedImage(contentType)) return deriveImage(request, contentType)
  if (isHeic(contentType)) return deriveHeic(request, contentType)
  const container = containerOf(contentType)
  if (request.task === 'hls') return deriveHls(request, contentType, container)
  if (container !== undefined) return derivePlayable(request, contentType, container)
  if (isUncleaned(contentType)) {
    return { contentType, keepsOriginal: false, files: [], reason: 'not_cleaned' }
  }
  return { contentType, keepsOriginal: true, files: [] }
}
