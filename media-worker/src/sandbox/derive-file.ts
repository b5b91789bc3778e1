import type { Derived, DeriveRequest } from './derive-request.ts'
import { deriveImage, isDecodedImage } from './derive-image.ts'
import { sniffType } from './sniff-type.ts'

/** Looks at a file of any kind. The outcome is about the file; what it throws is about the machine. */
export async function deriveFile(request: DeriveRequest): Promise<Derived> {
  const contentType = await sniffType(request.inputPath)
  if (isDecodedImage(contentType)) return deriveImage(request, contentType)
  return { contentType, keepsOriginal: true, files: [] }
}
