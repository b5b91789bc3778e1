import type { Derived, DeriveRequest } from './derive-request.ts'
import { deriveHls } from './derive-hls.ts'
import { derivePlayable } from './derive-playable.ts'
import { containerOf } from './ffmpeg/containers.ts'
import { decodedFormatOf, isHeic } from './image-types.ts'
import { isUncleaned } from './uncleaned-types.ts'

/**
 * Makes what can be made of a file of any kind. The outcome is about the file; what it throws is about the machine.
 * What decodes pictures is loaded for the first of them: it would double the time that a child of a recording, which is
 * its only file, takes to start.
 */
export async function deriveFile(request: DeriveRequest, contentType: string): Promise<Derived> {
  if (decodedFormatOf(contentType) !== undefined) {
    const { deriveImage } = await import('./derive-image.ts')
    return deriveImage(request, contentType)
  }
  if (isHeic(contentType)) {
    const { deriveHeic } = await import('./derive-heic.ts')
    return deriveHeic(request, contentType)
  }
  const container = containerOf(contentType)
  if (request.task === 'hls') return deriveHls(request, contentType, container)
  if (container !== undefined) return derivePlayable(request, contentType, container)
  if (isUncleaned(contentType)) {
    return { contentType, keepsOriginal: false, files: [], reason: 'not_cleaned' }
  }
  return { contentType, keepsOriginal: true, files: [] }
}
