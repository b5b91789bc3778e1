import {
  copyFile,
  link,
  lstat,
  mkdir,
  mkdtemp,
  opendir,
  readdir,
  rename,
  rm,
} from 'node:fs/promises'
import { join } from 'node:path'
import { MAX_FILES_OF_VARIANT } from './parse-child-message.ts'
import { removeFolder } from './remove-folder.ts'

/** More than a child makes of one file. */
const MAX_ENTRIES = 64
const MAX_BYTES = 10_000_000_000

/** A folder of one child: `root` becomes its root, `in` holds what it reads, `out` is all it can write to. */
export async function makeChildFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'child-'))
  for (const name of ['root', 'in', 'out']) await mkdir(join(folder, name))
  return folder
}

/** Of a child that has gone. What cannot be removed now is when a worker starts next. */
export async function removeChildFolder(folder: string): Promise<void> {
  await removeFolder(folder).catch(() => undefined)
}

/** Lays a file before a child, and an empty folder for what it makes; gives the paths of both. */
export async function layBefore(
  folder: string,
  inputPath: string,
): Promise<{ readonly input: string; readonly made: string }> {
  const input = join(folder, 'in', 'input')
  const made = join(folder, 'out', 'made')
  // Another file system is reached by copying.
  await link(inputPath, input).catch(() => copyFile(inputPath, input))
  await mkdir(made)
  return { input, made }
}

/**
 * Moves what a child made to `outputFolder`, which is empty. False when a child in foreign hands left what is
 * neither file nor folder of files there, such as a link to a file of somebody else, or more than it could make. It may still be
 * running, so all is first moved out of its reach and then looked at.
 */
export async function takeMade(folder: string, outputFolder: string): Promise<boolean> {
  try {
    return await moveMade(folder, outputFolder)
  } catch (error) {
    if (isOfChild(error)) return false
    throw error
  }
}

async function moveMade(folder: string, outputFolder: string): Promise<boolean> {
  const taken = join(folder, 'taken')
  await rename(join(folder, 'out', 'made'), taken)
  if (!(await lstat(taken)).isDirectory()) return false
  let bytes = 0
  const names = await namesIn(taken, MAX_ENTRIES)
  for (const name of names ?? []) {
    const path = join(outputFolder, name)
    await rename(join(taken, name), path)
    bytes += (await sizeOf(path)) ?? Infinity
    if (bytes > MAX_BYTES) return false
  }
  return names !== undefined
}

/** In bytes, of a file, or of a folder of files; `undefined` of anything else. */
async function sizeOf(path: string): Promise<number | undefined> {
  const stats = await lstat(path)
  if (stats.isFile()) return stats.size
  const names = stats.isDirectory() ? await namesIn(path, MAX_FILES_OF_VARIANT) : undefined
  if (names === undefined) return undefined
  let bytes = 0
  for (const name of names) {
    const inner = await lstat(join(path, name))
    if (!inner.isFile()) return undefined
    bytes += inner.size
  }
  return bytes
}

/** What is in a folder; `undefined`, without reading on, when that is more than `max`. */
async function namesIn(folder: string, max: number): Promise<readonly string[] | undefined> {
  const names: string[] = []
  for await (const { name } of await opendir(folder)) {
    if (names.push(name) > max) return undefined
  }
  return names
}

/** Not there, or closed to us: no fault of the machine, all was ours. */
function isOfChild(error: unknown): boolean {
  const codes = /^(EACCES|EPERM|ENOENT|ENOTDIR)$/
  return error instanceof Error && 'code' in error && codes.test(String(error.code))
}

/** Makes room for the next file: whatever the last one left is gone; false when some of it does not go. */
export async function clearChildFolder(folder: string): Promise<boolean> {
  try {
    await rm(join(folder, 'taken'), { recursive: true, force: true })
    for (const name of ['in', 'out']) {
      for (const entry of await readdir(join(folder, name))) {
        await rm(join(folder, name, entry), { recursive: true, force: true })
      }
    }
    return true
  } catch {
    return false
  }
}
