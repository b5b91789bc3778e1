import { join } from 'node:path'
import type { Sharp } from 'sharp'
import type { DerivedFile } from './derive-request.ts'
import { DOWNLOAD_JPEG_QUALITY } from './image-limits.ts'

export const DOWNLOAD = 'download'

/** The whole picture without metadata: a JPEG, or where that would lose transparency or edges, a PNG. */
export async function writeDownload(
  image: Sharp,
  isLossless: boolean,
  outputFolder: string,
): Promise<DerivedFile> {
  const encoded = isLossless
    ? image.png({ compressionLevel: 6 })
    : image.jpeg({
        quality: DOWNLOAD_JPEG_QUALITY,
        chromaSubsampling: '4:2:0',
        // Twice the time, for 5 % of a file that few download.
        optimiseCoding: false,
      })
  const { width, height } = await encoded.toFile(join(outputFolder, DOWNLOAD))
  const contentType = isLossless ? 'image/png' : 'image/jpeg'
  return { variant: DOWNLOAD, contentType, width, height }
}
