import type { HlsRung } from './hls-ladder.ts'

/** A rung as it came out. */
export interface MadeRung {
  readonly rung: HlsRung
  /** Its playlist. */
  readonly playlist: string
  /** What a decoder has to know first; says which codec the pictures have. */
  readonly init: Buffer
  /** Of each file the playlist names. */
  readonly sizeOf: (fileName: string) => number
}

const AAC_LC = 'mp4a.40.2'

/** The playlist that players begin with: which rungs there are, and what each of them needs. */
export function masterPlaylist(rungs: readonly MadeRung[], hasAudio: boolean): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS']
  for (const made of rungs) {
    const { name, width, height } = made.rung
    const { peak, average } = bandwidthOf(made)
    const codecs = [avcCodecOf(made.init), ...(hasAudio ? [AAC_LC] : [])].join(',')
    lines.push(
      `#EXT-X-STREAM-INF:BANDWIDTH=${String(peak)},AVERAGE-BANDWIDTH=${String(average)},RESOLUTION=${String(width)}x${String(height)},CODECS="${codecs}"`,
      `${name}.m3u8`,
    )
  }
  return `${lines.join('\n')}\n`
}

/** Segments a playlist names, with their durations. */
function segmentsOf(playlist: string): readonly { seconds: number; fileName: string }[] {
  return [...playlist.matchAll(/^#EXTINF:([\d.]+),[^\n]*\n([^\n#]+)$/gm)].map(
    ([, seconds, fileName = '']) => ({ seconds: Number(seconds), fileName }),
  )
}

/** In bits per second, over the most demanding segment and over all. */
function bandwidthOf({ playlist, sizeOf }: MadeRung): { peak: number; average: number } {
  const segments = segmentsOf(playlist).map(({ seconds, fileName }) => ({
    seconds,
    bits: sizeOf(fileName) * 8,
  }))
  const sum = (key: 'seconds' | 'bits') => segments.reduce((total, one) => total + one[key], 0)
  // A last segment of a few frames says nothing of what a second takes.
  const peak = Math.max(...segments.map(({ seconds, bits }) => bits / Math.max(seconds, 1)))
  return { peak: Math.ceil(peak), average: Math.ceil(sum('bits') / Math.max(sum('seconds'), 0.1)) }
}

/** RFC 6381, from the decoder configuration record. */
function avcCodecOf(init: Buffer): string {
  const at = init.indexOf('avcC') + 5
  return `avc1.${init.toString('hex', at, at + 3)}`
}
