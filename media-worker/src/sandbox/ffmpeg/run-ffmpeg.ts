import { DECODERS, PLAYABLE_LIMITS } from './playable-limits.ts'
import type { InstalledPrograms } from '../media-programs.ts'
import { runProgram, type ProgramOutcome } from './run-program.ts'

/** A foreign file as ffmpeg gets it, and where it works. */
export interface FfmpegInput {
  readonly path: string
  readonly container: { readonly demuxer: string }
  readonly folder: string
  readonly programs: InstalledPrograms
}

export interface FfmpegRun {
  /** The only ones that may be used; those of video and audio unless given. */
  readonly decoders?: readonly string[] | undefined
  /** What goes before the input, such as where to begin. */
  readonly seek?: readonly string[] | undefined
  /** What is made of it. */
  readonly outputs: readonly string[]
  readonly timeoutMs: number
  readonly onOutput?: ((chunk: Buffer) => void) | undefined
}

/** The first pictures that are no cover, and the first sound, as far as they are there. */
export const MAP_VIDEO = ['-map', '0:V:0?'] as const
export const MAP_AUDIO = ['-map', '0:a:0?'] as const

/** What every output begins with: nothing of the container goes along but what is mapped. */
export const BARE_OUTPUT = [
  ...['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn', '-bitexact'],
  ...['-fs', String(PLAYABLE_LIMITS.maxOutputBytes)],
] as const

/** How any of ffmpeg's programs opens a foreign file: as one format, from a file, within bounds. */
export function inputOptions(
  { container, path }: Pick<FfmpegInput, 'container' | 'path'>,
  decoders: readonly string[] = DECODERS,
): readonly string[] {
  const { maxPixels, maxStreams } = PLAYABLE_LIMITS
  return [
    ...['-protocol_whitelist', 'file', '-format_whitelist', container.demuxer],
    ...['-codec_whitelist', decoders.join(',')],
    ...['-max_pixels', String(maxPixels), '-max_streams', String(maxStreams)],
    ...['-probesize', '5000000', '-analyzeduration', '5000000'],
    ...['-f', container.demuxer, '-i', `file:${path}`],
  ]
}

export async function runFfmpeg(file: FfmpegInput, run: FfmpegRun): Promise<ProgramOutcome> {
  const { maxAllocBytes } = PLAYABLE_LIMITS
  const cpuSeconds = Math.ceil(run.timeoutMs / 1_000) * 2
  return runProgram({
    command: [
      ...commandFor(file, file.programs.ffmpeg),
      ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-y'],
      ...['-timelimit', String(cpuSeconds), '-max_alloc', String(maxAllocBytes)],
      ...['-filter_threads', '1', '-filter_complex_threads', '1', '-threads', '2'],
      ...(run.seek ?? []),
      ...inputOptions(file, run.decoders),
      ...run.outputs,
    ],
    folder: file.folder,
    timeoutMs: run.timeoutMs,
    onOutput: run.onOutput,
  })
}

/** A program that does not outlive the child that runs it, where the machine can arrange that. */
export function commandFor(
  { programs }: Pick<FfmpegInput, 'programs'>,
  program: string,
): [string, ...string[]] {
  const { setpriv } = programs
  return setpriv === undefined ? [program] : [setpriv, '--pdeathsig', 'KILL', '--', program]
}
