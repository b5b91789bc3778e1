import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import type { Derived, DeriveRequest } from './derive-request.ts'
import type { Container } from './ffmpeg/containers.ts'
import { scaleFilter } from './ffmpeg/fit-frame.ts'
import { hlsLadder, type HlsRung } from './ffmpeg/hls-ladder.ts'
import { masterPlaylist, type MadeRung } from './ffmpeg/master-playlist.ts'
import type { Probe, VideoStream } from './ffmpeg/parse-probe.ts'
import { playableFile, type PlayableFile } from './ffmpeg/playable-file.ts'
import { PLAYABLE_LIMITS } from './ffmpeg/playable-limits.ts'
import { probeFile } from './ffmpeg/probe-file.ts'
import { MAP_AUDIO, runFfmpeg } from './ffmpeg/run-ffmpeg.ts'
import { refusalOf } from './ffmpeg/write-play.ts'
import { canPlay } from './media-programs.ts'

const VARIANT = 'hls'
const MASTER = 'master.m3u8'
const CONTENT_TYPE = 'application/vnd.apple.mpegurl'
/** Everybody else goes first. */
const NICE = 10

/** A video in several sizes, in segments that players choose from as their line allows: HLS of fragmented MP4. */
export async function deriveHls(
  request: DeriveRequest,
  contentType: string,
  container: Container | undefined,
): Promise<Derived> {
  const nothing = { contentType, keepsOriginal: false, files: [] }
  const { programs } = request
  if (container === undefined || !canPlay(programs)) return { ...nothing, reason: 'unreadable' }
  setPriority(NICE)
  const file = playableFile(request, container, programs)
  const probed = await probeFile(file)
  if (probed.kind === 'refused') return { ...nothing, reason: probed.reason }
  const { video, audio, durationMs = 0 } = probed.probe
  const reason = video === undefined ? 'unreadable' : refusalOf(video)
  if (video === undefined || reason !== undefined) return { ...nothing, reason }
  if (durationMs > PLAYABLE_LIMITS.maxEncodedMs) return { ...nothing, reason: 'too_long' }
  const folder = join(request.outputFolder, VARIANT)
  await mkdir(folder)
  const failure = await encode({ ...file, folder }, { video, audio })
  if (failure !== undefined) return { ...nothing, reason: failure }
  await writeMaster(folder, hlsLadder(video), audio !== undefined)
  // Whoever finds the playlist that names the others finds the others.
  const fileNames = (await readdir(folder)).filter((name) => name !== MASTER).sort()
  return {
    ...nothing,
    files: [{ variant: VARIANT, contentType: CONTENT_TYPE, fileNames: [...fileNames, MASTER] }],
  }
}

/** All rungs from one decoding; says why not. */
async function encode(
  file: PlayableFile,
  { video, audio }: Probe & { readonly video: VideoStream },
): Promise<string | undefined> {
  const rungs = hlsLadder(video)
  const outputs = rungs.flatMap((rung) => rungOptions(rung, audio !== undefined))
  const { kind } = await runFfmpeg(file, {
    outputs: ['-filter_complex', splitFilter(rungs), ...outputs],
    timeoutMs: PLAYABLE_LIMITS.encodeHlsMs,
  })
  switch (kind) {
    case 'done':
      return undefined
    case 'late':
      return 'took_too_long'
    case 'failed':
      return 'unreadable'
    default:
      return kind satisfies never
  }
}

function splitFilter(rungs: readonly HlsRung[]): string {
  const labels = rungs.map(({ name }) => `[in${name}]`).join('')
  const scaled = rungs.map((rung) => `[in${rung.name}]${scaleFilter(rung)}[${rung.name}]`)
  return [`[0:V:0]split=${String(rungs.length)}${labels}`, ...scaled].join(';')
}

function rungOptions({ name, maxKilobits }: HlsRung, hasAudio: boolean): readonly string[] {
  return [
    ...['-map', `[${name}]`, ...MAP_AUDIO, '-map_metadata', '-1', '-map_chapters', '-1'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-profile:v', 'high'],
    ...['-maxrate', `${String(maxKilobits)}k`, '-bufsize', `${String(maxKilobits * 2)}k`],
    // Players change rungs where segments begin: at the same moments in all of them.
    ...['-force_key_frames', 'expr:gte(t,n_forced*2)', '-sc_threshold', '0', '-threads', '2'],
    ...(hasAudio ? ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'] : []),
    ...['-t', String(PLAYABLE_LIMITS.maxEncodedMs / 1_000), '-bitexact'],
    ...['-f', 'hls', '-hls_time', '4', '-hls_playlist_type', 'vod'],
    ...['-hls_segment_type', 'fmp4', '-hls_flags', 'independent_segments'],
    ...['-hls_fmp4_init_filename', `${name}-init.mp4`],
    ...['-hls_segment_filename', `${name}-%d.m4s`, `${name}.m3u8`],
  ]
}

async function writeMaster(
  folder: string,
  rungs: readonly HlsRung[],
  hasAudio: boolean,
): Promise<void> {
  const sizes = new Map<string, number>()
  for (const name of await readdir(folder)) sizes.set(name, (await stat(join(folder, name))).size)
  const made: MadeRung[] = []
  for (const rung of rungs) {
    const playlist = await readFile(join(folder, `${rung.name}.m3u8`), 'utf8')
    const init = await readFile(join(folder, `${rung.name}-init.mp4`))
    made.push({ rung, playlist, init, sizeOf: (name) => sizes.get(name) ?? 0 })
  }
  await writeFile(join(folder, MASTER), masterPlaylist(made, hasAudio))
}
