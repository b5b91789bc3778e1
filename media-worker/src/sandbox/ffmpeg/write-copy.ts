import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DerivedFile } from '../derive-request.ts'
import { barePictures } from './bare-pictures.ts'
import type { CopyFormat } from './containers.ts'
import type { PlayableFile } from './playable-file.ts'
import { PLAYABLE_LIMITS } from './playable-limits.ts'
import { BARE_OUTPUT, MAP_AUDIO, MAP_VIDEO, runFfmpeg } from './run-ffmpeg.ts'

/**
 * The same pictures and sounds in the same kind of file, and nothing else of it: no titles, places, covers,
 * chapters, subtitles or tracks of data; of pictures in `pictureCodec` not what stands between them, either.
 * `undefined` when they cannot be taken out of their container.
 */
export async function writeCopy(
  file: PlayableFile,
  variant: string,
  format: CopyFormat,
  pictureCodec?: string,
): Promise<DerivedFile | undefined> {
  const { kind } = await runFfmpeg(file, {
    outputs: copyOptions(variant, format, pictureCodec),
    timeoutMs: PLAYABLE_LIMITS.copyMs,
  })
  return kind === 'done' ? madeFile(file, variant, format) : undefined
}

/** The output of `writeCopy`, for a run that makes others as well. */
export function copyOptions(
  variant: string,
  { muxer }: CopyFormat,
  pictureCodec?: string,
): readonly string[] {
  const isIso = ['mp4', 'mov', 'ipod'].includes(muxer)
  return [
    ...[...MAP_VIDEO, ...MAP_AUDIO, '-c', 'copy', ...barePictures(pictureCodec), ...BARE_OUTPUT],
    ...(muxer === 'mp3' ? ['-id3v2_version', '0', '-write_id3v1', '0'] : []),
    ...(isIso ? ['-movflags', '+faststart'] : []),
    ...['-f', muxer, variant],
  ]
}

/** What ffmpeg says it has written, if it is whole. */
export async function madeFile(
  file: PlayableFile,
  variant: string,
  { contentType }: CopyFormat,
): Promise<DerivedFile | undefined> {
  return (await isWithinBounds(file, variant)) ? { variant, contentType } : undefined
}

/** False for what ffmpeg stopped writing because it grew too large, and for what has nothing in it. */
export async function isWithinBounds({ folder }: PlayableFile, name: string): Promise<boolean> {
  const { size } = await stat(join(folder, name))
  return size > 0 && size < PLAYABLE_LIMITS.maxOutputBytes
}
