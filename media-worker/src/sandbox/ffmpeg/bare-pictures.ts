import { PLAYABLE_LIMITS } from './playable-limits.ts'
import type { PlayableFile } from './playable-file.ts'
import { MAP_VIDEO, runFfmpeg } from './run-ffmpeg.ts'

/**
 * The parts of a stream of pictures that hold none, by codec: supplemental enhancement information, in which
 * camcorders and drones write place and time (ISO/IEC 14496-10 and 23008-2, Annex D), the user data of MPEG-2,
 * the metadata of AV1, and the segments of a JPEG that hold Exif and comments.
 */
const PARTS_WITHOUT_PICTURES: Readonly<Record<string, string>> = {
  h264: '6',
  hevc: '39|40',
  mpeg2video: '178',
  av1: '5',
  mjpeg: '225-237|239|254',
}

/** What is said of the pictures where they are copied as they are: what stands between them stays behind. */
export function barePictures(codec: string | undefined): readonly string[] {
  const parts = codec === undefined ? undefined : PARTS_WITHOUT_PICTURES[codec]
  return parts === undefined ? [] : ['-bsf:v', `filter_units=remove_types=${parts}`]
}

/** Of an answer that begins with what is looked for. */
const MAX_ANSWER_CHARACTERS = 64 * 1024

/** How the pictures are coded, of a file that was not to be looked into further. */
export async function findPictureCodec(file: PlayableFile): Promise<string | undefined> {
  let listed = ''
  await runFfmpeg(file, {
    outputs: [...MAP_VIDEO, '-c', 'copy', '-frames:v', '1', '-f', 'framecrc', '-'],
    timeoutMs: PLAYABLE_LIMITS.probeMs,
    onOutput: (chunk) => {
      if (listed.length <= MAX_ANSWER_CHARACTERS) listed += chunk.toString('latin1')
    },
  })
  return /^#codec_id 0: (\w{1,32})$/m.exec(listed)?.[1]
}
