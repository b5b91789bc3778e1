import { changeSource } from './change-source.ts'
import { readRungs } from './read-rungs.ts'
import type { VideoStream, VideoStreamSource } from './video-stream.ts'

const DEADLINE_MS = 10_000

/** The browser chooses by itself from the master playlist; a chosen quality is one of its playlists. */
export async function openNativeStream(source: VideoStreamSource): Promise<VideoStream> {
  const { element, url, place, signal, onLost } = source
  const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS) })
  if (!response.ok) throw new Error(`the playlist was answered with ${String(response.status)}`)
  const rungs = readRungs(await response.text(), url)
  signal.throwIfAborted()
  // Captured: the browser's own controls hear of it too, and may pause.
  element.addEventListener('error', onLost, { capture: true })
  changeSource(element, url, place)
  return {
    heights: rungs.map(({ height }) => height),
    choose: (height) => {
      changeSource(element, rungs.find((rung) => rung.height === height)?.url ?? url)
    },
    close: () => element.removeEventListener('error', onLost, { capture: true }),
  }
}
