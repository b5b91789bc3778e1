import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { requireProgram } from '../../../scripts/programs.mjs'
import { openTemporaryFolder } from '../../../chat-core/test/support/temporary-folder.ts'

const run = promisify(execFile)

/** Written into the metadata of test files: to be found in no byte that is served. */
export const PLACE = '+48.8577+002.2950+035.000/'
export const TITLE = 'MARKER-MY-HOLIDAY'

/** Who has written the user data of a stream of pictures, a UUID. */
export const USER_DATA_ID = '086f3693-b7b3-4f2c-9653-21492feee5b8'

const TIMEOUT_MS = 60_000

/** `undefined` after the test was skipped because this machine has no ffmpeg. */
export function openStudio(test: TestContext): FfmpegStudio | undefined {
  const program = requireProgram(test, 'ffmpeg')
  return program === undefined ? undefined : new FfmpegStudio(program)
}

/** Makes files that play; `seconds` of moving bars, a tone, or both. */
export class FfmpegStudio {
  readonly #program: string

  constructor(program: string) {
    this.#program = program
  }

  /** Runs ffmpeg, which leaves its output at the name given last; `input`, where given, comes before the options. */
  async make(name: string, options: readonly string[], input?: Buffer): Promise<Buffer> {
    const folder = await openTemporaryFolder()
    try {
      const [path, inputPath] = [join(folder.path, name), join(folder.path, 'input')]
      if (input !== undefined) await writeFile(inputPath, input)
      const given = input === undefined ? [] : ['-i', inputPath]
      const command = ['-nostdin', '-v', 'error', ...given, ...options, path]
      await run(this.#program, command, { timeout: TIMEOUT_MS })
      return await readFile(path)
    } finally {
      await folder.remove()
    }
  }

  /** A checksum of each picture of a file, all of them decoded. */
  async framesIn(bytes: Buffer): Promise<readonly string[]> {
    const options = ['-map', '0:v', '-fps_mode', 'passthrough', '-f', 'framecrc']
    const lines = (await this.make('frames.txt', options, bytes)).toString().split('\n')
    const frames = lines.filter((line) => line.startsWith('0,'))
    assert.ok(frames.length > 0)
    return frames.map((line) => line.split(',').at(-1)?.trim() ?? '')
  }

  /** As a phone films: a place in two ways, a title, a name of the stream. */
  async phoneVideo(
    name: string,
    options: readonly string[] = [],
    { size = '640x360', seconds = 2 } = {},
  ): Promise<Buffer> {
    return this.make(name, [
      ...pictures(size, seconds),
      ...tone(seconds),
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'],
      ...['-metadata', `title=${TITLE}`, '-metadata', `location=${PLACE}`],
      ...['-metadata', `com.apple.quicktime.location.ISO6709=${PLACE}`],
      ...['-metadata:s:v', `handler_name=${TITLE}`],
      ...options,
    ])
  }
}

/**
 * A bare stream of HEVC with user data before its first picture: a prefix SEI, unregistered
 * (Rec. ITU-T H.265, 7.3.2.4 and D.2.7).
 */
export function withHevcNote(stream: Buffer, note: string): Buffer {
  const id = Buffer.from(USER_DATA_ID.replaceAll('-', ''), 'hex')
  const payload = Buffer.concat([id, Buffer.from(note)])
  const unit = Buffer.concat([
    Buffer.from([0, 0, 0, 1, 39 << 1, 1, 5, payload.length]),
    payload,
    Buffer.from([0x80]),
  ])
  const picture = firstPictureOf(stream)
  return Buffer.concat([stream.subarray(0, picture), unit, stream.subarray(picture)])
}

/** A bare stream of MPEG-2 with user data before its first group of pictures (ISO/IEC 13818-2, 6.2.2.2.2). */
export function withMpeg2Note(stream: Buffer, note: string): Buffer {
  const group = stream.indexOf(Buffer.from([0, 0, 1, 0xb8]))
  const unit = Buffer.concat([Buffer.from([0, 0, 1, 0xb2]), Buffer.from(note)])
  return Buffer.concat([stream.subarray(0, group), unit, stream.subarray(group)])
}

/** A bare stream of AV1 with metadata before its second picture: a message by ITU-T T.35 (AV1, 5.8). */
export function withAv1Note(stream: Buffer, note: string): Buffer {
  const payload = Buffer.concat([Buffer.from([4, 0xb5]), Buffer.from(`${note}\x80`, 'latin1')])
  const unit = Buffer.concat([Buffer.from([(5 << 3) | 2, payload.length]), payload])
  const picture = secondMomentOf(stream)
  return Buffer.concat([stream.subarray(0, picture), unit, stream.subarray(picture)])
}

/** Where the units of the second moment begin, after the one that says that it begins (type 2). */
function secondMomentOf(stream: Buffer): number {
  let moments = 0
  for (let at = 0; at < stream.length;) {
    const type = ((stream[at] ?? 0) >> 3) & 0xf
    const { size, end } = sizeAt(stream, at + 1)
    if (type === 2 && ++moments === 2) return end
    at = end + size
  }
  throw new Error('there is no second picture in it')
}

/** A number in groups of seven bits, the lowest first (AV1, 4.10.5), and where it ends. */
function sizeAt(stream: Buffer, start: number): { readonly size: number; readonly end: number } {
  let size = 0
  let at = start
  for (let shift = 0; ; shift += 7) {
    const group = stream[at++] ?? 0
    size += (group & 0x7f) << shift
    if (group < 0x80) return { size, end: at }
  }
}

/** Where the first unit begins whose type is one of a picture that stands alone (16 to 21). */
function firstPictureOf(stream: Buffer): number {
  const start = Buffer.from([0, 0, 1])
  for (let at = stream.indexOf(start); at !== -1; at = stream.indexOf(start, at + 3)) {
    const type = ((stream[at + 3] ?? 0) >> 1) & 0x3f
    if (type >= 16 && type <= 21) return at
  }
  throw new Error('there is no picture in it')
}

export function pictures(size: string, seconds: number): readonly string[] {
  return ['-f', 'lavfi', '-i', `testsrc2=size=${size}:duration=${String(seconds)}:rate=25`]
}

export function tone(seconds: number): readonly string[] {
  return ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${String(seconds)}`]
}
