import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import sharp, { type Sharp } from 'sharp'
import { requireProgram } from '../../../scripts/programs.mjs'

const run = promisify(execFile)

/** Written into the metadata of every sample that can hold some: to be found in no byte that is served. */
export const MARK = 'MARKER-HOME-ADDRESS'
export const PLACE = '+52.5200+013.4050/'

/** How a browser shows it. */
export type Shown = 'picture' | 'video' | 'audio' | 'download'

export interface MediaSample {
  readonly kind: string
  readonly name: string
  /** As a client would claim it. */
  readonly mimeType: string
  readonly buffer: Buffer
  /** There is something of its maker in it, who and where. */
  readonly tells: boolean
  /** By content. */
  readonly contentType: string
  readonly variants: readonly string[]
  readonly shown: Shown
  /** What of it a browser is given to show. */
  readonly shownVariant: string
}

type SampleFacts = Omit<MediaSample, 'buffer'>

const SIZE = { width: 640, height: 480 } as const
const STILL = ['w320', 'w800', 'w1600', 'download']
const SECONDS = '2'

/** One file of every type there is, as cameras, phones and browsers make them. `undefined` after the test was skipped. */
export async function makeMediaSamples(
  context: TestContext,
): Promise<readonly MediaSample[] | undefined> {
  const ffmpeg = requireProgram(context, 'ffmpeg')
  const heifEnc = requireProgram(context, 'heif-enc')
  if (ffmpeg === undefined || heifEnc === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'satchel-samples-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return [
    ...(await makeStills(folder, heifEnc)),
    ...(await makeAnimations(folder, ffmpeg)),
    ...(await makeVideos(folder, ffmpeg)),
    ...(await makeAudio(folder, ffmpeg)),
    ...makeDocuments(),
  ]
}

async function makeStills(folder: string, heifEnc: string): Promise<readonly MediaSample[]> {
  const jpeg = await marked(scene()).jpeg().toBuffer()
  const [jpegPath, heicPath] = [join(folder, 'camera.jpg'), join(folder, 'camera.heic')]
  await writeFile(jpegPath, jpeg)
  await run(heifEnc, ['-q', '60', '-o', heicPath, jpegPath])
  const still = { variants: STILL, shown: 'picture', shownVariant: 'w320' } as const
  return [
    { ...ofType('JPEG', 'photo.jpg', 'image/jpeg'), ...still, buffer: jpeg },
    {
      ...ofType('PNG', 'picture.png', 'image/png'),
      ...still,
      buffer: await marked(scene()).png().toBuffer(),
    },
    {
      ...ofType('WebP', 'picture.webp', 'image/webp'),
      ...still,
      buffer: await marked(scene()).webp().toBuffer(),
    },
    {
      ...ofType('HEIC', 'IMG_0001.heic', 'image/heic'),
      ...still,
      buffer: await readFile(heicPath),
    },
    {
      ...ofType('AVIF', 'picture.avif', 'image/avif'),
      ...still,
      buffer: await marked(scene()).avif({ effort: 0 }).toBuffer(),
    },
  ]
}

async function makeAnimations(folder: string, ffmpeg: string): Promise<readonly MediaSample[]> {
  const animation = {
    variants: ['w320', 'w800', 'animated', 'download'],
    shown: 'picture',
    shownVariant: 'animated',
  } as const
  const gif = withComment(await encode(folder, ffmpeg, 'loop.gif', ['-an']))
  return [
    { ...ofType('GIF, animated', 'loop.gif', 'image/gif'), ...animation, buffer: gif },
    {
      ...ofType('WebP, animated', 'sticker.webp', 'image/webp'),
      ...animation,
      buffer: await marked(sharp(gif, { animated: true }))
        .webp()
        .toBuffer(),
    },
  ]
}

function makeVideos(folder: string, ffmpeg: string): Promise<readonly MediaSample[]> {
  const video = {
    variants: ['w320', 'w800', 'play'],
    shown: 'video',
    shownVariant: 'play',
  } as const
  const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac']
  const phone = ['-movflags', 'use_metadata_tags', ...MARKED]
  // As drones write it, between the pictures; by whom is said by a UUID.
  const drone = ['-bsf:v', `h264_metadata=sei_user_data=086f3693b7b34f2c965321492feee5b8+${PLACE}`]
  return makeEach(folder, ffmpeg, [
    [{ ...ofType('MP4, H.264', 'clip.mp4', 'video/mp4'), ...video }, [...h264, ...drone, ...phone]],
    [
      {
        ...ofType('MP4, 1080p', 'film.mp4', 'video/mp4'),
        ...video,
        variants: ['w320', 'w800', 'w1600', 'play', 'hls'],
      },
      ['-vf', 'scale=1920:1080', ...h264, ...phone],
    ],
    [
      {
        ...ofType('MOV, HEVC', 'IMG_0002.MOV', 'video/quicktime'),
        ...video,
        variants: [...video.variants, 'download'],
      },
      ['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1', '-c:a', 'aac', ...phone],
    ],
    [
      {
        ...ofType('MPEG-TS, H.264', 'camcorder.ts', 'video/mp2t'),
        ...video,
        variants: [...video.variants, 'download'],
      },
      [...h264, ...drone, '-metadata', `service_name=${MARK}`],
    ],
    [
      {
        ...ofType('WebM, VP9', 'screen.webm', 'video/webm'),
        ...video,
        variants: [...video.variants, 'download'],
      },
      ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus'].concat(
        MARKED,
      ),
    ],
  ])
}

function makeAudio(folder: string, ffmpeg: string): Promise<readonly MediaSample[]> {
  const audio = { variants: ['play'], shown: 'audio', shownVariant: 'play' } as const
  // Not every browser plays it as it is.
  const encoded = { ...audio, variants: ['play', 'download'] } as const
  const sound = (codec: string): readonly string[] => ['-vn', '-c:a', codec, ...MARKED]
  return makeEach(folder, ffmpeg, [
    [{ ...ofType('MP3', 'song.mp3', 'audio/mpeg'), ...audio }, sound('libmp3lame')],
    [{ ...ofType('AAC', 'tape.aac', 'audio/aac'), ...audio, tells: false }, sound('aac')],
    [{ ...ofType('M4A', 'memo.m4a', 'audio/x-m4a'), ...audio }, sound('aac')],
    [{ ...ofType('Ogg Vorbis', 'song.ogg', 'audio/ogg'), ...encoded }, sound('libvorbis')],
    [{ ...ofType('Ogg Opus', 'note.opus', 'audio/ogg'), ...encoded }, sound('libopus')],
    [{ ...ofType('WAV', 'beep.wav', 'audio/wav'), ...audio }, sound('pcm_s16le')],
    [
      { ...ofType('voice note', 'voice-note.webm', 'audio/webm'), ...encoded },
      ['-vn', '-c:a', 'libopus', '-live', '1', ...MARKED],
    ],
  ])
}

function makeDocuments(): readonly MediaSample[] {
  const document = {
    variants: ['original'],
    shown: 'download',
    shownVariant: 'original',
    tells: false,
  } as const
  const page = '<script>document.title = "mine"</script>'
  return [
    {
      ...ofType('PDF', 'offer.pdf', 'application/pdf'),
      ...document,
      buffer: Buffer.from(
        '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF',
      ),
    },
    {
      ...ofType('text', 'notes.txt', 'text/plain'),
      ...document,
      buffer: Buffer.from('nothing but words\n'),
    },
    {
      ...ofType('HTML said to be a picture', 'cat.png', 'image/png'),
      ...document,
      contentType: 'text/plain',
      buffer: Buffer.from(page),
    },
  ]
}

function ofType(kind: string, name: string, type: string) {
  return { kind, name, mimeType: type, contentType: type, tells: true }
}

const MARKED: readonly string[] = ['title', 'comment', 'artist']
  .flatMap((key) => ['-metadata', `${key}=${MARK}`])
  .concat(['-metadata', `location=${PLACE}`, '-metadata', `location-eng=${PLACE}`])

async function makeEach(
  folder: string,
  ffmpeg: string,
  samples: readonly (readonly [SampleFacts, readonly string[]])[],
): Promise<readonly MediaSample[]> {
  const made: MediaSample[] = []
  for (const [facts, options] of samples) {
    made.push({ ...facts, buffer: await encode(folder, ffmpeg, facts.name, options) })
  }
  return made
}

async function encode(
  folder: string,
  ffmpeg: string,
  name: string,
  options: readonly string[],
): Promise<Buffer> {
  const path = join(folder, name)
  const picture = `testsrc2=size=${SIZE.width}x${SIZE.height}:rate=15`
  const inputs = [picture, 'sine=frequency=330'].flatMap((graph) => ['-f', 'lavfi', '-i', graph])
  const common = ['-nostdin', '-loglevel', 'error', '-y', ...inputs, '-t', SECONDS]
  await run(ffmpeg, [...common, ...options, path])
  return readFile(path)
}

function scene(): Sharp {
  const noise = { type: 'gaussian', mean: 120, sigma: 40 } as const
  return sharp({ create: { ...SIZE, width: 1_000, channels: 3, background: '#468', noise } })
}

/** A GIF with a comment at its end. */
function withComment(gif: Buffer): Buffer {
  const comment = Buffer.concat([Buffer.from([0x21, 0xfe, MARK.length]), Buffer.from(MARK)])
  return Buffer.concat([gif.subarray(0, -1), comment, Buffer.from([0, 0x3b])])
}

/** With everything a camera writes into a file. */
function marked(image: Sharp): Sharp {
  return image
    .withExif({
      IFD0: { Make: MARK, Model: MARK, ImageDescription: MARK },
      IFD2: { MakerNote: MARK, UserComment: MARK },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 12/1' },
    })
    .withXmp(
      `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="${MARK}"/></rdf:RDF></x:xmpmeta>`,
    )
}
