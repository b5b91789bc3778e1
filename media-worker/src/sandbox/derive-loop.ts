import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metadata } from 'sharp'
import type { DerivedFile, DeriveRequest } from './derive-request.ts'
import { fitFrame, scaleFilter } from './ffmpeg/fit-frame.ts'
import { BARE_OUTPUT, runFfmpeg } from './ffmpeg/run-ffmpeg.ts'
import { LOOP_LIMITS } from './image-limits.ts'
import { canPlay } from './media-programs.ts'

const LOOP = 'loop'

/**
 * A silent MP4 of a large GIF, a fraction of its size, to be played over and over. None without ffmpeg, and
 * none when it takes too long or comes out larger: there is a moving copy in any case. Of large WebP there is
 * only that: ffmpeg does not read them when they move.
 */
export async function deriveLoop(
  { inputPath, outputFolder, programs }: DeriveRequest,
  { format, pages = 1, width, height }: Metadata,
): Promise<readonly DerivedFile[]> {
  const { size } = await stat(inputPath)
  if (format !== 'gif' || pages < 2 || size <= LOOP_LIMITS.beyondBytes || !canPlay(programs)) {
    return []
  }
  const frame = fitFrame(
    { width, height },
    { longest: LOOP_LIMITS.side, shortest: LOOP_LIMITS.side },
  )
  const input = { path: inputPath, container: { demuxer: 'gif' }, folder: outputFolder, programs }
  const outcome = await runFfmpeg(input, {
    decoders: ['gif'],
    outputs: [
      ...['-an', '-vf', scaleFilter(frame), '-fps_mode', 'vfr'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '26', ...BARE_OUTPUT],
      ...['-t', String(LOOP_LIMITS.maxSeconds), '-movflags', '+faststart', '-f', 'mp4', LOOP],
    ],
    timeoutMs: LOOP_LIMITS.timeoutMs,
  })
  const path = join(outputFolder, LOOP)
  if (outcome.kind === 'done' && (await stat(path)).size < size) {
    return [{ variant: LOOP, contentType: 'video/mp4', ...frame }]
  }
  await rm(path, { force: true })
  return []
}
