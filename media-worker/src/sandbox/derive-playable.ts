import { deriveAudio } from './derive-audio.ts'
import type { Derived, DeriveRequest } from './derive-request.ts'
import { findPictureCodec } from './ffmpeg/bare-pictures.ts'
import { copyFormatOf, typeByStreams, type Container } from './ffmpeg/containers.ts'
import { playableFile } from './ffmpeg/playable-file.ts'
import { probeFile } from './ffmpeg/probe-file.ts'
import { writeCopy } from './ffmpeg/write-copy.ts'
import { canPlay } from './media-programs.ts'

/**
 * Video or audio, whichever the streams in the file say it is. What cannot be taken out of its container is
 * not handed out: where it was taken could not be taken out, either.
 */
export async function derivePlayable(
  request: DeriveRequest,
  sniffed: string,
  container: Container,
): Promise<Derived> {
  const nothing = { contentType: sniffed, keepsOriginal: false, files: [] }
  const { programs, decode } = request
  // Said at start: then nothing can be taken out of it.
  if (!canPlay(programs)) return { ...nothing, keepsOriginal: true, reason: 'no_ffmpeg' }
  const file = playableFile(request, container, programs)
  const probed = await probeFile(file)
  if (probed.kind === 'refused') {
    const format = copyFormatOf(container, sniffed)
    const copy = await writeCopy(file, 'download', format, await findPictureCodec(file))
    return { ...nothing, files: copy === undefined ? [] : [copy], reason: probed.reason }
  }
  const { video, audio, durationMs } = probed.probe
  const contentType = typeByStreams(container, sniffed, video !== undefined)
  if (video !== undefined) {
    const { deriveVideo } = await import('./derive-video.ts')
    return deriveVideo(request, file, { video, audio, durationMs }, contentType)
  }
  if (audio === undefined) return { ...nothing, reason: 'unreadable' }
  return deriveAudio(file, { audio, durationMs }, { contentType, decode })
}
