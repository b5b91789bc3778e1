/** A still picture of a video, as large as the video. */
export interface VideoFrame {
  readonly picture: Blob
  readonly width: number
  readonly height: number
}

const DEADLINE_MS = 8_000
/** The very first frame is often black. */
const AT_SECONDS = 0.1

/** An early frame of the video behind `url`; nothing where this browser cannot play it. */
export async function readVideoFrame(url: string): Promise<VideoFrame | undefined> {
  const video = document.createElement('video')
  video.muted = true
  video.preload = 'auto'
  video.playsInline = true
  try {
    video.src = url
    await happens(video, 'loadeddata')
    video.currentTime = Math.min(AT_SECONDS, video.duration)
    await happens(video, 'seeked')
    return await draw(video)
  } catch {
    return undefined
  } finally {
    video.removeAttribute('src')
    video.load()
  }
}

async function draw(video: HTMLVideoElement): Promise<VideoFrame | undefined> {
  const { videoWidth: width, videoHeight: height } = video
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg'))
  return picture === null || width === 0 ? undefined : { picture, width, height }
}

function happens(video: HTMLVideoElement, name: 'loadeddata' | 'seeked'): Promise<void> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(DEADLINE_MS)
    video.addEventListener(name, () => resolve(), { once: true, signal })
    video.addEventListener('error', () => reject(new Error('not playable here')), { signal })
    signal.addEventListener('abort', () => reject(new Error(`no ${name} in time`)))
  })
}
