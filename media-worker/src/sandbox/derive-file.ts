import type { Derived, DeriveRequest } from './derive-request.ts'
import { deriveHeic, isHeic } from './derive-heic.ts'
import { deriveImage, isDecodedImage } from './derive-image.ts'

/** Makes what can be made of a file of any kind. The outcome is about the file; what it throws is about the machine. */
export async function deriveFile(request: DeriveRequest, contentType: string): Promise<Derived> {
  if (isDecodedImage(contentType)) return deriveImage(request, contentType)
  if (isHeic(contentType)) return deriveHeic(request, contentType)
  return { contentType, keepsOriginal: true, files: [] }
}
