import { decodeBase64url } from '@satchel/protocol'

/** What a bar measures where there is silence, or nothing is known: enough to be seen. */
const LEAST = 0.08

/**
 * The heights of `count` bars, from 0 to 1, out of a waveform of one byte per peak (as base64url). The
 * loudest peak is as high as a bar gets: quiet recordings have a shape too.
 */
export function waveformBars(waveform: string | undefined, count: number): readonly number[] {
  const peaks = (waveform === undefined ? undefined : decodeBase64url(waveform)) ?? new Uint8Array()
  const loudest = Math.max(1, ...peaks)
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * peaks.length) / count)
    const to = Math.max(from + 1, Math.floor(((index + 1) * peaks.length) / count))
    const peak = Math.max(0, ...peaks.subarray(from, to))
    return Math.max(LEAST, peak / loudest)
  })
}
