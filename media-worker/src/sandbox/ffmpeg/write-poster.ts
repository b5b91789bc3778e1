import { join } from 'node:path'
import { sharp } from '../locked-sharp.ts'
import { fitFrame, scaleFilter } from './fit-frame.ts'
import type { Probe, VideoStream } from './parse-probe.ts'
import type { PlayableFile } from './playable-file.ts'
import { PLAYABLE_LIMITS } from './playable-limits.ts'
import { MAP_VIDEO, runFfmpeg } from './run-ffmpeg.ts'

const LONGEST_SIDE = 1_600
const POSTER = 'poster.jpg'
/** Mean brightness, of 255, below which a frame shows nothing. */
const BLACK = 16

/** A frame near the beginning that shows something, upright, as a JPEG file in the folder; gives its path. */
export async function writePoster(
  file: PlayableFile,
  { video, durationMs = 0 }: Probe & { readonly video: VideoStream },
): Promise<string | undefined> {
  const size = fitFrame(video, { longest: LONGEST_SIDE, shortest: LONGEST_SIDE })
  // Somewhere else when that is dark; the very first frame when there is nothing where the header promised it.
  const moments = [Math.min(1_000, durationMs / 10), durationMs / 4, durationMs / 2, 0]
  let written: number | undefined
  for (const [index, atMs] of moments.entries()) {
    const isLast = index === moments.length - 1
    if (moments.indexOf(atMs) < index || (isLast && written !== undefined)) continue
    if (!(await writeFrame(file, size, atMs))) continue
    written = atMs
    if (!(await isBlack(join(file.folder, POSTER)))) break
  }
  return written === undefined ? undefined : join(file.folder, POSTER)
}

async function writeFrame(
  file: PlayableFile,
  size: { readonly width: number; readonly height: number },
  atMs: number,
): Promise<boolean> {
  const outcome = await runFfmpeg(file, {
    seek: atMs > 0 ? ['-ss', (atMs / 1_000).toFixed(3)] : [],
    outputs: [
      ...[...MAP_VIDEO, '-frames:v', '1', '-vf', scaleFilter(size)],
      ...['-map_metadata', '-1', '-c:v', 'mjpeg', '-q:v', '2', '-f', 'image2', '-update', '1'],
      POSTER,
    ],
    timeoutMs: PLAYABLE_LIMITS.posterMs,
  })
  return outcome.kind === 'done' && (await isPicture(join(file.folder, POSTER)))
}

/** Nothing is written, and nothing said, when the file ends before the moment. */
async function isPicture(path: string): Promise<boolean> {
  try {
    await sharp(path).metadata()
    return true
  } catch {
    return false
  }
}

async function isBlack(path: string): Promise<boolean> {
  const { channels } = await sharp(path).stats()
  return channels.every(({ mean }) => mean < BLACK)
}
