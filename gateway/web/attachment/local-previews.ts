import { readVideoFrame } from './read-video-frame.ts'

/** A picture of this device, or a frame of a video of it, before and after it was sent. */
export interface LocalPreview {
  readonly url: string
  readonly width: number
  readonly height: number
}

const KEPT = 60

/** Pictures that were attached here, so that their sender sees them without waiting for the server. */
export class LocalPreviews {
  readonly #previews = new Map<string, LocalPreview>()

  get(attachmentId: string): LocalPreview | undefined {
    return this.#previews.get(attachmentId)
  }

  /** Resolves with the picture; with nothing where this browser cannot show it. */
  async add(attachmentId: string, file: File): Promise<LocalPreview | undefined> {
    const preview = await previewOf(file)
    if (preview === undefined) return undefined
    this.#previews.set(attachmentId, preview)
    for (const [oldest, { url: oldUrl }] of this.#previews) {
      if (this.#previews.size <= KEPT) break
      this.#previews.delete(oldest)
      URL.revokeObjectURL(oldUrl)
    }
    return preview
  }
}

async function previewOf(file: File): Promise<LocalPreview | undefined> {
  if (file.type.startsWith('image/')) return await previewOfPicture(file)
  return file.type.startsWith('video/') ? await previewOfVideo(file) : undefined
}

async function previewOfPicture(file: File): Promise<LocalPreview | undefined> {
  const url = URL.createObjectURL(file)
  const size = await readSize(url)
  if (size !== undefined) return { url, ...size }
  URL.revokeObjectURL(url)
  return undefined
}

async function previewOfVideo(file: File): Promise<LocalPreview | undefined> {
  const url = URL.createObjectURL(file)
  const frame = await readVideoFrame(url)
  URL.revokeObjectURL(url)
  if (frame === undefined) return undefined
  const { picture, width, height } = frame
  return { url: URL.createObjectURL(picture), width, height }
}

async function readSize(url: string): Promise<{ width: number; height: number } | undefined> {
  const image = new Image()
  image.src = url
  try {
    await image.decode()
    return { width: image.naturalWidth, height: image.naturalHeight }
  } catch {
    return undefined
  }
}
