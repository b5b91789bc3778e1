import type { Derived, DerivedFile, DeriveRequest } from './derive-request.ts'
import { deriveStills, type Stills } from './derive-stills.ts'
import { copyFormatOf } from './ffmpeg/containers.ts'
import type { Probe, VideoStream } from './ffmpeg/parse-probe.ts'
import type { PlayableFile } from './ffmpeg/playable-file.ts'
import { probeFile } from './ffmpeg/probe-file.ts'
import { writeCopy } from './ffmpeg/write-copy.ts'
import { refusalOf, writePlay, type PlayMade } from './ffmpeg/write-play.ts'
import { writePoster } from './ffmpeg/write-poster.ts'
import { openImage } from './open-image.ts'

type VideoProbe = Probe & { readonly video: VideoStream }

/**
 * What moves: previews of a poster; `play`, which every browser plays; a copy of the same kind to download
 * where that is something else. None of them knows where it was taken, or anything else that was noted with it.
 */
export async function deriveVideo(
  request: DeriveRequest,
  file: PlayableFile,
  probe: VideoProbe,
  contentType: string,
): Promise<Derived> {
  const { video } = probe
  const mayDecode = request.decode && refusalOf(video) === undefined
  const stills = mayDecode ? await derivePoster(request, file, probe) : undefined
  const play = await writePlay(file, probe, { mayDecode: request.decode })
  const isSame = play.kind === 'made' && play.isCopy
  const download = isSame
    ? undefined
    : await writeCopy(file, 'download', copyFormatOf(file.container, contentType), video.codec)
  const made = play.kind === 'made' ? play.file : undefined
  const { width, height } = video
  return {
    ...{ contentType, width, height },
    durationMs: probe.durationMs ?? (await durationOf(file, made)),
    thumbhash: stills?.thumbhash,
    keepsOriginal: false,
    files: [...(stills?.files ?? []), made, download].filter((one) => one !== undefined),
    reason: reasonOf(play, stills),
  }
}

async function derivePoster(
  request: DeriveRequest,
  file: PlayableFile,
  probe: VideoProbe,
): Promise<Stills | undefined> {
  const posterPath = await writePoster(file, probe)
  if (posterPath === undefined) return undefined
  const { width, height } = probe.video
  return deriveStills(openImage(posterPath, 'error'), Math.max(width, height), request.outputFolder)
}

/** Recorders that stream do not know it when they write the header; what was made of their file does. */
async function durationOf(
  file: PlayableFile,
  made: DerivedFile | undefined,
): Promise<number | undefined> {
  if (made === undefined) return undefined
  const probed = await probeFile({
    ...file,
    path: `${file.folder}/${made.variant}`,
    container: { demuxer: 'mov' },
  })
  return probed.kind === 'probed' ? probed.probe.durationMs : undefined
}

function reasonOf(play: PlayMade, stills: Stills | undefined): string | undefined {
  if (play.kind === 'none') return play.reason
  return stills === undefined ? 'unreadable' : undefined
}
