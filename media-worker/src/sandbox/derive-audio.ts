import type { Derived, DerivedFile } from './derive-request.ts'
import { copyFormatOf, type CopyFormat } from './ffmpeg/containers.ts'
import type { AudioStream, Probe } from './ffmpeg/parse-probe.ts'
import { METERED_SOUND, PeakMeter } from './ffmpeg/peak-meter.ts'
import type { PlayableFile } from './ffmpeg/playable-file.ts'
import { PLAYABLE_LIMITS } from './ffmpeg/playable-limits.ts'
import { BARE_OUTPUT, MAP_AUDIO, runFfmpeg } from './ffmpeg/run-ffmpeg.ts'
import { isWithinBounds, writeCopy } from './ffmpeg/write-copy.ts'
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
 * possible, otherwise encoded, and then there is a copy of the same kind to download.
 */
export async function deriveAudio(
  file: PlayableFile,
  probe: AudioProbe,
  { contentType, decode }: { readonly contentType: string; readonly decode: boolean },
): Promise<Derived> {
  const isDecoded = decode && DECODED.some((codec) => codec === probe.audio.codec)
  const copied = playedAsItIs(file, probe.audio)
  const [play, heard] = await Promise.all([
    copied === undefined
      ? isDecoded
        ? encode(file, probe)
        : undefined
      : writeCopy(file, 'play', copied),
    isDecoded ? listen(file) : undefined,
  ])
  const isCopyOwed = copied === undefined || play === undefined
  const download = isCopyOwed
    ? await writeCopy(file, 'download', copyFormatOf(file.container, contentType))
    : undefined
  return {
    contentType,
    durationMs: heard?.durationMs ?? probe.durationMs,
    waveform: heard?.waveform().toString('base64url'),
    keepsOriginal: false,
    files: [play, download].filter((made) => made !== undefined),
    ...(play === undefined && { reason: reasonFor(decode, isDecoded) }),
  }
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

async function encode(file: PlayableFile, { audio }: AudioProbe): Promise<DerivedFile | undefined> {
  const { muxer, contentType } = M4A
  const variant = 'play'
  const outcome = await runFfmpeg(file, {
    outputs: [
      ...[...MAP_AUDIO, ...encodeAac(audio), ...BARE_OUTPUT],
      ...['-movflags', '+faststart', '-f', muxer, variant],
    ],
    timeoutMs: PLAYABLE_LIMITS.encodeAudioMs,
  })
  const isWhole = outcome.kind === 'done' && (await isWithinBounds(file, variant))
  return isWhole ? { variant, contentType } : undefined
}

/** `undefined` when it cannot be heard to its end. */
async function listen(file: PlayableFile): Promise<PeakMeter | undefined> {
  const meter = new PeakMeter()
  const { kind } = await runFfmpeg(file, {
    outputs: [...MAP_AUDIO, ...METERED_SOUND, '-'],
    timeoutMs: PLAYABLE_LIMITS.encodeAudioMs,
    onOutput: (chunk) => {
      meter.take(chunk)
    },
  })
  return kind === 'done' ? meter : undefined
}
