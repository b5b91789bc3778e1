import { readFile, writeFile } from 'node:fs/promises'
import { scrubGif } from './scrub-gif.ts'
import { scrubJpeg } from './scrub-jpeg.ts'
import { scrubPng } from './scrub-png.ts'
import { scrubWebp } from './scrub-webp.ts'

const SCRUBBERS: ReadonlyMap<string, (bytes: Buffer) => readonly Buffer[] | undefined> = new Map([
  ['image/jpeg', scrubJpeg],
  ['image/png', scrubPng],
  ['image/apng', scrubPng],
  ['image/webp', scrubWebp],
  ['image/gif', scrubGif],
])

/**
 * Writes a copy of an image without metadata, its compressed pixels as they are: for what is not decoded.
 * False when the file has no picture to keep.
 */
export async function scrubImage(
  contentType: string,
  inputPath: string,
  outputPath: string,
): Promise<boolean> {
  const pieces = SCRUBBERS.get(contentType)?.(await readFile(inputPath))
  if (pieces === undefined) return false
  await writeFile(outputPath, pieces, { flag: 'wx' })
  return true
}
