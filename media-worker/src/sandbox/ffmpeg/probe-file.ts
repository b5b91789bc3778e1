import type { PlayableFile } from './playable-file.ts'
import { DECODERS, PLAYABLE_LIMITS, PROBED_DECODERS } from './playable-limits.ts'
import { parseProbe, type Probe } from './parse-probe.ts'
import { commandFor, inputOptions } from './run-ffmpeg.ts'
import { runProgram } from './run-program.ts'

export type Probed =
  | { readonly kind: 'probed'; readonly probe: Probe }
  | { readonly kind: 'refused'; readonly reason: string }

const ENTRIES = [
  'format=duration',
  'stream=codec_type,codec_name,profile,level,pix_fmt,width,height,sample_aspect_ratio,duration,channels,sample_rate',
  'stream_disposition=attached_pic',
  'stream_side_data=rotation',
].join(':')
/** Of an answer about as many streams as there may be; what is longer is no answer. */
const MAX_ANSWER_BYTES = 64 * 1024

/** Looks at what is in a file without decoding it. */
export async function probeFile(file: PlayableFile): Promise<Probed> {
  let answer = ''
  const outcome = await runProgram({
    command: [
      ...commandFor(file, file.programs.ffprobe),
      ...['-loglevel', 'error', '-max_alloc', String(PLAYABLE_LIMITS.maxAllocBytes)],
      ...inputOptions(file, [...DECODERS, ...PROBED_DECODERS]),
      ...['-show_entries', ENTRIES, '-of', 'json'],
    ],
    folder: file.folder,
    timeoutMs: PLAYABLE_LIMITS.probeMs,
    onOutput: (chunk) => {
      if (answer.length <= MAX_ANSWER_BYTES) answer += chunk.toString()
    },
  })
  if (outcome.kind === 'late') return { kind: 'refused', reason: 'took_too_long' }
  if (outcome.kind === 'failed') return { kind: 'refused', reason: reasonOf(outcome.complaint) }
  const probe = parseProbe(answer)
  if (probe?.video === undefined && probe?.audio === undefined) {
    return { kind: 'refused', reason: 'unreadable' }
  }
  return { kind: 'probed', probe }
}

function reasonOf(complaint: string): string {
  if (complaint.includes('exceeds max_streams')) return 'too_many_streams'
  if (complaint.includes('max pixel count')) return 'too_many_pixels'
  return complaint.includes('not on whitelist') ? 'unsupported_codec' : 'unreadable'
}
