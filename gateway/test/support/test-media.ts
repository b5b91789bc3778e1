import type { TestContext } from 'node:test'
import sharp from 'sharp'
import { encodeHeic } from '../../../media-worker/test/support/test-heic.ts'
import { FfmpegStudio, pictures, tone } from '../../../media-worker/test/support/test-videos.ts'
import { requireProgram } from '../../../scripts/programs.mjs'

/** A file as the picker hands it over. */
export interface TestFile {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}

export interface TestMedia {
  /** 640 × 360, 5 s. */
  readonly video: TestFile
  /** 20 s, with a name too long to be shown whole. */
  readonly song: TestFile
  /** 160 × 120, moving. */
  readonly animation: TestFile
  /** 600 × 400. */
  readonly heic: TestFile
  readonly document: TestFile
}

/** A file of every kind that is shown in a way of its own; `undefined` after the test was skipped for want of a program. */
export async function makeTestMedia(context: TestContext): Promise<TestMedia | undefined> {
  const ffmpeg = requireProgram(context, 'ffmpeg')
  const heifEnc = requireProgram(context, 'heif-enc')
  if (ffmpeg === undefined || heifEnc === undefined) return undefined
  const studio = new FfmpegStudio(ffmpeg)
  const [video, song, animation, heic] = await Promise.all([
    studio.phoneVideo('clip.mp4', ['-movflags', '+faststart'], { seconds: 5 }),
    studio.make('song.mp3', [...tone(20), '-af', 'tremolo=f=0.5:d=0.9', '-c:a', 'libmp3lame']),
    studio.make('waving.gif', pictures('160x120', 1)),
    sharp({ create: { width: 600, height: 400, channels: 3, background: '#2d6aa8' } })
      .jpeg()
      .toBuffer()
      .then((jpeg) => encodeHeic(heifEnc, jpeg)),
  ])
  const page = `%PDF-1.4\n${'% a line of a list\n'.repeat(3_000)}%%EOF`
  return {
    video: { name: 'Harbour.mp4', mimeType: 'video/mp4', buffer: video },
    song: {
      name: 'What we sang when the wind was gone, all verses (2).mp3',
      mimeType: 'audio/mpeg',
      buffer: song,
    },
    animation: { name: 'waving.gif', mimeType: 'image/gif', buffer: animation },
    heic: { name: 'IMG_3077.HEIC', mimeType: 'image/heic', buffer: heic },
    document: {
      name: 'Packing list.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from(page),
    },
  }
}
