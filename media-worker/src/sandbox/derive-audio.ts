import type { Derived, DerivedFile } from './derive-request.ts'
import { copyFormatOf, type CopyFormat } from './ffmpeg/containers.ts'
import type { AudioStream, Probe } from './ffmpeg/parse-probe.ts'
import { METERED_SOUND, PeakMeter } from './ffmpeg/peak-meter.ts'
import type { PlayableFile } from './ffmpeg/playable-file.ts'
import { PLAYABLE_LIMITS } from './ffmpeg/playable-limits.ts'
import { BARE_OUTPUT, MAP_AUDIO, runFfmpeg } from './ffmpeg/run-ffmpeg.ts'
import { copyOptions, madeFile, writeCopy } from './ffmpeg/write-copy.ts'
import { encodeAac, isPlainAac } from './ffmpeg/write-play.ts'

type AudioProbe = Probe & { readonly audio: AudioStream }

const M4A: CopyFormat = { muxer: 'ipod', contentType: 'audio/x-m4a' }
const PLAYED_PCM = ['pcm_u8', 'pcm_s16le', 'pcm_s24le'] as const
const DECODED = [
  'aac',
  'mp3',
  'opus',
  'vorbis',
  'flac',
  'alac',
  'pcm_s32le',
  'pcm_f32le',
  ...PLAYED_PCM,
]

/**
 * What sounds: `play`, which sounds in every browser; the waveform; the duration. Copied where that is
 * possible, otherwise encoded, and then there is a copy of the same kind to download. All of it comes from one
 * run, since a voice note takes no longer than starting ffmpeg does.
 */
export async function deriveAudio(
  file: PlayableFile,
  probe: AudioProbe,
  { contentType, decode }: { readonly contentType: string; readonly decode: boolean },
): Promise<Derived> {
  const isDecoded = decode && DECODED.some((codec) => codec === probe.audio.codec)
  const copied = playedAsItIs(file, probe.audio)
  const copy: Copy =
    copied === undefined
      ? { variant: 'download', format: copyFormatOf(file.container, contentType) }
      : { variant: 'play', format: copied }
  const heard = isDecoded ? await listen(file, probe.audio, copy) : undefined
  // What cannot be heard to its end may still be copied.
  const made = heard?.files ?? [await writeCopy(file, copy.variant, copy.format)]
  const files = made.filter((one) => one !== undefined)
  const canBePlayed = files.some(({ variant }) => variant === 'play')
  return {
    contentType,
    durationMs: heard?.meter.durationMs ?? probe.durationMs,
    waveform: heard?.meter.waveform().toString('base64url'),
    keepsOriginal: false,
    files,
    ...(!canBePlayed && { reason: reasonFor(decode, isDecoded) }),
  }
}

interface Copy {
  readonly variant: 'play' | 'download'
  readonly format: CopyFormat
}

interface Heard {
  readonly meter: PeakMeter
  readonly files: readonly (DerivedFile | undefined)[]
}

function reasonFor(decode: boolean, isDecoded: boolean): string {
  if (!decode) return 'not_decoded'
  return isDecoded ? 'unreadable' : 'unsupported_codec'
}

/** How it is copied when every browser can play it as it is. */
function playedAsItIs({ container }: PlayableFile, audio: AudioStream): CopyFormat | undefined {
  const { demuxer } = container
  if (isPlainAac(audio)) return M4A
  const isPlayed =
    (demuxer === 'mp3' && audio.codec === 'mp3') ||
    (demuxer === 'wav' && PLAYED_PCM.some((codec) => codec === audio.codec))
  return isPlayed ? copyFormatOf(container, 'audio/') : undefined
}

/** `undefined` when it cannot be heard to its end. */
async function listen(
  file: PlayableFile,
  audio: AudioStream,
  { variant, format }: Copy,
): Promise<Heard | undefined> {
  const meter = new PeakMeter()
  const encoded = [
    ...[...MAP_AUDIO, ...encodeAac(audio), ...BARE_OUTPUT],
    ...['-movflags', '+faststart', '-f', M4A.muxer, 'play'],
  ]
  const { kind } = await runFfmpeg(file, {
    outputs: [
      ...copyOptions(variant, format),
      ...(variant === 'download' ? encoded : []),
      ...[...MAP_AUDIO, ...METERED_SOUND, '-'],
    ],
    timeoutMs: PLAYABLE_LIMITS.encodeAudioMs,
    onOutput: (chunk) => {
      meter.take(chunk)
    },
  })
  if (kind !== 'done') return undefined
  const files = [
    variant === 'download' ? await madeFile(file, 'play', M4A) : undefined,
    await madeFile(file, variant, format),
  ]
  return { meter, files }
}
