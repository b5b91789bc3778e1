import type { VideoStream, VideoStreamSource } from './video-stream.ts'

/** By hls.js, which is loaded the first time somebody needs it. */
export async function openHlsStream(source: VideoStreamSource): Promise<VideoStream> {
  const { element, url, place, signal, onLost } = source
  const { default: Hls } = await import('hls.js/light')
  signal.throwIfAborted()
  if (!Hls.isSupported()) throw new Error('this browser plays no streams')
  // Nothing is repacked here that a worker could do, and the page's policy lets none be made.
  const hls = new Hls({
    enableWorker: false,
    capLevelToPlayerSize: true,
    startPosition: place.seconds,
  })
  element.autoplay = place.isToPlay
  const heights = await new Promise<readonly number[]>((resolve, reject) => {
    hls.on(Hls.Events.MANIFEST_PARSED, (_, { levels }) => {
      resolve(levels.map(({ width, height }) => Math.min(width, height)))
    })
    hls.on(Hls.Events.ERROR, (_, { fatal, details }) => {
      if (!fatal) return
      reject(new Error(`hls.js: ${details}`))
      onLost()
      // Not before: it sets the element back to its beginning.
      hls.destroy()
    })
    signal.addEventListener('abort', () => {
      hls.destroy()
      reject(new Error('closed before there was anything to play'))
    })
    hls.loadSource(url)
    hls.attachMedia(element)
  })
  return {
    heights: [...heights].sort((a, b) => b - a),
    choose: (height) => {
      hls.nextLevel = height === undefined ? -1 : heights.indexOf(height)
    },
    close: () => hls.destroy(),
  }
}
