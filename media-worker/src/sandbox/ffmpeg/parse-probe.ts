/** A picture stream, in the size it is shown: pixels square, the right way up. */
export interface VideoStream {
  readonly codec: string
  readonly profile: string
  readonly level: number
  readonly pixelFormat: string
  readonly width: number
  readonly height: number
  /** Of what the decoder makes. */
  readonly codedPixels: number
  /** The container turns it, or its pixels are not square. */
  readonly isReshaped: boolean
}

export interface AudioStream {
  readonly codec: string
  readonly profile: string
  readonly channels: number
  readonly sampleRate: number
}

/** What is in a file that plays: its first picture and first sound stream, and how long it says it is. */
export interface Probe {
  readonly durationMs?: number | undefined
  readonly video?: VideoStream | undefined
  readonly audio?: AudioStream | undefined
}

type Fields = Readonly<Record<string, unknown>>

const MAX_SIDE = 100_000
const MAX_DURATION_S = 365 * 24 * 3_600
const WORD = /^[\w .:()+-]{1,64}$/

/** ffprobe's answer about a foreign file, believed no further than its numbers are possible. */
export function parseProbe(json: string): Probe | undefined {
  let answer: unknown
  try {
    answer = JSON.parse(json)
  } catch {
    return undefined
  }
  if (!isFields(answer)) return undefined
  const listed = answer['streams']
  const streams = Array.isArray(listed) ? listed.filter(isFields) : []
  const video = firstOf(streams, parseVideoStream)
  const audio = firstOf(streams, parseAudioStream)
  const format = isFields(answer['format']) ? answer['format'] : {}
  const seconds = [format, ...streams].map((fields) => numberOf(fields['duration']))
  const known = seconds.find((value) => value > 0 && value <= MAX_DURATION_S)
  return { durationMs: known === undefined ? undefined : Math.round(known * 1_000), video, audio }
}

function firstOf<Stream>(
  streams: readonly Fields[],
  parse: (fields: Fields) => Stream | undefined,
): Stream | undefined {
  return streams.map(parse).find((stream) => stream !== undefined)
}

function parseVideoStream(fields: Fields): VideoStream | undefined {
  const { codec_type: kind, disposition } = fields
  // The cover of an album is no video.
  const isCover = isFields(disposition) && disposition['attached_pic'] === 1
  if (kind !== 'video' || isCover) return undefined
  const [width, height] = [sideOf(fields['width']), sideOf(fields['height'])]
  if (width === undefined || height === undefined) return undefined
  const aspect = pixelAspectOf(fields['sample_aspect_ratio'])
  const turns = quarterTurnsOf(fields['side_data_list'])
  const shownWidth = Math.max(1, Math.min(MAX_SIDE, Math.round(width * aspect)))
  return {
    ...wordsOf(fields),
    level: numberOf(fields['level']),
    pixelFormat: wordOf(fields['pix_fmt']),
    width: turns % 2 === 0 ? shownWidth : height,
    height: turns % 2 === 0 ? height : shownWidth,
    codedPixels: width * height,
    isReshaped: turns !== 0 || shownWidth !== width,
  }
}

function parseAudioStream(fields: Fields): AudioStream | undefined {
  if (fields['codec_type'] !== 'audio') return undefined
  return {
    ...wordsOf(fields),
    channels: numberOf(fields['channels']),
    sampleRate: numberOf(fields['sample_rate']),
  }
}

function wordsOf(fields: Fields): { readonly codec: string; readonly profile: string } {
  return { codec: wordOf(fields['codec_name']), profile: wordOf(fields['profile']) }
}

function pixelAspectOf(value: unknown): number {
  const [across = 1, down = 1] = typeof value === 'string' ? value.split(':').map(Number) : []
  const ratio = across / down
  return ratio >= 0.1 && ratio <= 10 ? ratio : 1
}

function quarterTurnsOf(sideData: unknown): number {
  const list = Array.isArray(sideData) ? sideData.filter(isFields) : []
  const rotation = list.map((fields) => numberOf(fields['rotation'])).find((value) => value !== 0)
  const turns = Math.round((rotation ?? 0) / 90)
  return Math.abs(turns) % 4
}

function sideOf(value: unknown): number | undefined {
  const side = numberOf(value)
  return Number.isSafeInteger(side) && side > 0 && side <= MAX_SIDE ? side : undefined
}

/** 0 for what is no number. */
function numberOf(value: unknown): number {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : 0
  return Number.isFinite(number) ? number : 0
}

function wordOf(value: unknown): string {
  return typeof value === 'string' && WORD.test(value) ? value : ''
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
