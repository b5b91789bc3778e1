import type { DerivedFile } from '../derive-request.ts'
import { barePictures } from './bare-pictures.ts'
import { fitFrame, scaleFilter } from './fit-frame.ts'
import type { AudioStream, Probe, VideoStream } from './parse-probe.ts'
import type { PlayableFile } from './playable-file.ts'
import { PLAYABLE_LIMITS } from './playable-limits.ts'
import { BARE_OUTPUT, MAP_AUDIO, MAP_VIDEO, runFfmpeg } from './run-ffmpeg.ts'
import { isWithinBounds } from './write-copy.ts'

export type PlayMade =
  | { readonly kind: 'made'; readonly file: DerivedFile; readonly isCopy: boolean }
  | { readonly kind: 'none'; readonly reason: string }

const PLAY = 'play'
const COPIED = { longest: 1_920, shortest: 1_088 } as const
const ENCODED = { longest: 1_280, shortest: 720 } as const
/** 4.2, as phones write 1080p at 60 frames. */
const MAX_LEVEL = 42
/** The others do not say when a picture is due, or do not begin with one that stands alone. */
const COPIED_FROM = ['mov', 'matroska'] as const
const COPIED_AUDIO_PROFILES = ['LC', 'HE-AAC', 'HE-AACv2'] as const
const DECODED_VIDEO = ['h264', 'hevc', 'vp8', 'vp9', 'av1'] as const

/** Why the pictures are not to be decoded; `undefined` when they may be. */
export function refusalOf({ codec, codedPixels }: VideoStream): string | undefined {
  if (!DECODED_VIDEO.some((name) => name === codec)) return 'unsupported_codec'
  return codedPixels > PLAYABLE_LIMITS.maxPixels ? 'too_many_pixels' : undefined
}

/**
 * An MP4 that every browser plays, and begins to play before it is whole: what can stay as it is is copied,
 * the rest encoded, at 720p at most, unless `mayDecode` says that this is out of the question.
 */
export async function writePlay(
  file: PlayableFile,
  probe: Probe & { readonly video: VideoStream },
  { mayDecode }: { readonly mayDecode: boolean },
): Promise<PlayMade> {
  const { video, audio } = probe
  const isAudioCopied = audio === undefined || isPlainAac(audio)
  const isCopied = isPlainH264(video) && COPIED_FROM.some((name) => name === file.container.demuxer)
  if (isCopied && (isAudioCopied || mayDecode)) {
    const options = [
      ...['-c:v', 'copy', ...barePictures(video.codec)],
      ...(isAudioCopied ? ['-c:a', 'copy'] : encodeAac(audio)),
    ]
    if ((await write(file, options, PLAYABLE_LIMITS.copyMs)) === 'done') {
      return {
        kind: 'made',
        file: { variant: PLAY, ...MP4, ...sizeOf(video) },
        isCopy: isAudioCopied,
      }
    }
  }
  const refusal = mayDecode ? refusalOf(video) : 'not_decoded'
  if (refusal !== undefined) return { kind: 'none', reason: refusal }
  if ((probe.durationMs ?? 0) > PLAYABLE_LIMITS.maxEncodedMs) {
    return { kind: 'none', reason: 'too_long' }
  }
  return encode(file, probe)
}

const MP4 = { contentType: 'video/mp4' } as const

async function encode(
  file: PlayableFile,
  probe: Probe & { readonly video: VideoStream },
): Promise<PlayMade> {
  const size = fitFrame(probe.video, ENCODED)
  const options = [
    ...['-vf', scaleFilter(size), '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23'],
    ...['-maxrate', '2500k', '-bufsize', '5000k', '-profile:v', 'high', '-level', '4.1'],
    ...(probe.audio === undefined ? [] : encodeAac(probe.audio)),
    ...['-t', String(PLAYABLE_LIMITS.maxEncodedMs / 1_000)],
  ]
  const outcome = await write(file, options, PLAYABLE_LIMITS.encodeVideoMs)
  if (outcome === 'done')
    return { kind: 'made', file: { variant: PLAY, ...MP4, ...size }, isCopy: false }
  return { kind: 'none', reason: outcome === 'late' ? 'took_too_long' : 'unreadable' }
}

/** AAC-LC that plays everywhere, of one or two channels. */
export function encodeAac({ channels, sampleRate }: AudioStream): readonly string[] {
  const kept = Math.min(2, Math.max(1, channels))
  return [
    ...['-c:a', 'aac', '-ac', String(kept), '-b:a', `${String(64 * kept)}k`],
    ...(sampleRate > 48_000 ? ['-ar', '48000'] : []),
  ]
}

export function isPlainAac({ codec, profile }: AudioStream): boolean {
  return codec === 'aac' && COPIED_AUDIO_PROFILES.some((name) => name === profile)
}

function isPlainH264({ codec, pixelFormat, level, ...size }: VideoStream): boolean {
  const fitted = fitFrame(size, COPIED)
  const isSmall = fitted.width >= size.width && fitted.height >= size.height
  const isPlain = pixelFormat === 'yuv420p' || pixelFormat === 'yuvj420p'
  return codec === 'h264' && isPlain && isSmall && level <= MAX_LEVEL
}

async function write(
  file: PlayableFile,
  options: readonly string[],
  timeoutMs: number,
): Promise<'done' | 'failed' | 'late'> {
  const { kind } = await runFfmpeg(file, {
    outputs: [
      ...[...MAP_VIDEO, ...MAP_AUDIO],
      ...options,
      ...BARE_OUTPUT,
      ...['-movflags', '+faststart', '-f', 'mp4', PLAY],
    ],
    timeoutMs,
  })
  return kind === 'done' && !(await isWithinBounds(file, PLAY)) ? 'failed' : kind
}

function sizeOf({ width, height }: VideoStream) {
  return { width, height }
}
