import { openHlsStream } from './open-hls-stream.ts'
import { openNativeStream } from './open-native-stream.ts'
import type { VideoStream, VideoStreamSource } from './video-stream.ts'

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'

/** By the browser itself where it can, otherwise by a library that is loaded for it. Rejects where neither can. */
export async function openVideoStream(source: VideoStreamSource): Promise<VideoStream> {
  const isNative = source.element.canPlayType(PLAYLIST_TYPE) !== ''
  return isNative ? await openNativeStream(source) : await openHlsStream(source)
}
