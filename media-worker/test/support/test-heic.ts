import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openTemporaryFolder } from '../../../chat-core/test/support/temporary-folder.ts'

const run = promisify(execFile)

/** How a HEIC says to turn its pixels: quarter turns against the clock, or a mirror (ISO 23008-12, 6.5.10 and 6.5.12). */
export type Turn = readonly ['irot', 1 | 2 | 3] | readonly ['imir', 0 | 1]

/** A HEIC of a JPEG, with the JPEG's metadata in it, by the encoder at `heifEnc`. */
export async function encodeHeic(heifEnc: string, jpeg: Buffer, turn?: Turn): Promise<Buffer> {
  const folder = await openTemporaryFolder()
  try {
    const input = join(folder.path, 'input.jpg')
    const output = join(folder.path, 'output.heic')
    await writeFile(input, jpeg)
    await run(heifEnc, ['-q', '80', '-p', 'preset=ultrafast', '-o', output, input], {
      timeout: 60_000,
    })
    const heic = await readFile(output)
    return turn === undefined ? heic : turned(heic, turn)
  } finally {
    await folder.remove()
  }
}

/** The encoder never says to turn: the colour profile's box, a property of the picture, is made to. */
function turned(heic: Buffer, [type, value]: Turn): Buffer {
  const colours = heic.indexOf('colrprof')
  assert.notEqual(colours, -1, 'the picture has a colour profile to give up')
  const copy = Buffer.from(heic)
  copy.write(type, colours, 'latin1')
  copy[colours + 4] = value
  return copy
}
