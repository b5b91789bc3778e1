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

export function pictures(size: string, seconds: number): readonly string[] {
  return ['-f', 'lavfi', '-i', `testsrc2=size=${size}:duration=${String(seconds)}:rate=25`]
}

export function tone(seconds: number): readonly string[] {
  return ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${String(seconds)}`]
}
