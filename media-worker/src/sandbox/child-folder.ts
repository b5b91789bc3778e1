import { constants } from 'node:fs'
import {
  copyFile,
  link,
  lstat,
  mkdir,
  mkdtemp,
  open,
  opendir,
  rename,
  rmdir,
  unlink,
  writeFile,
  type FileHandle,
} from 'node:fs/promises'
import { join } from 'node:path'
import type { ChildCode } from './bundle-child.ts'
import { DISK_BOUNDS } from './disk-guard.ts'
import { MAX_FILES_OF_VARIANT } from './parse-child-message.ts'
import { removeFolder } from './remove-folder.ts'

/** A name that no installation has below the root. */
export const CODE_FOLDER = 'child-code'

/** More than a child makes of one file. */
const MAX_ENTRIES = 64
/** A child could leave a link to something else, or a pipe whose opening waits for ever. */
const UNFOLLOWED = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const CHUNK_BYTES = 1024 * 1024

/**
 * A folder of one child: `root` becomes its root, `child-code` holds what it runs, `in` what it reads, `out` is all it
 * can write to.
 */
export async function makeChildFolder(
  parent: string,
  code: ChildCode = new Map(),
): Promise<string> {
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'child-'))
  try {
    for (const name of ['root', CODE_FOLDER, 'in', 'out']) await mkdir(join(folder, name))
    for (const [name, bytes] of code) await writeFile(join(folder, CODE_FOLDER, name), bytes)
    return folder
  } catch (error) {
    await removeChildFolder(folder)
    throw error
  }
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
 * Moves what a child that has gone made to `outputFolder`, which is empty. False when a child in foreign hands left
 * what is neither file nor folder of files there, such as a link to a file of somebody else, or more than it could
 * make.
 */
export async function takeMade(folder: string, outputFolder: string): Promise<boolean> {
  return takeEach(folder, outputFolder, async (from, to) => {
    await rename(from, to)
    return sizeOf(to)
  })
}

/**
 * The same of a child that lives on: copies files, of which it has no hold. It may have one of what it made, and put
 * the next file, which is somebody else's, into that.
 */
export async function copyMade(folder: string, outputFolder: string): Promise<boolean> {
  return takeEach(folder, outputFolder, copyPlainFile)
}

/** What is made may still change: all is first moved to where a child reaches no name, and then looked at. */
async function takeEach(
  folder: string,
  outputFolder: string,
  takeOne: (from: string, to: string) => Promise<number | undefined>,
): Promise<boolean> {
  try {
    const taken = join(folder, 'taken')
    await rename(join(folder, 'out', 'made'), taken)
    if (!(await lstat(taken)).isDirectory()) return false
    let bytes = 0
    const names = await namesIn(taken, MAX_ENTRIES)
    for (const name of names ?? []) {
      bytes += (await takeOne(join(taken, name), join(outputFolder, name))) ?? Infinity
      if (bytes > DISK_BOUNDS.maxBytes) return false
    }
    return names !== undefined
  } catch (error) {
    if (isOfChild(error)) return false
    throw error
  }
}

/** Gives how many bytes there were; `undefined` of what is no file. */
async function copyPlainFile(from: string, to: string): Promise<number | undefined> {
  const source = await open(from, UNFOLLOWED)
  try {
    const stats = await source.stat()
    if (!stats.isFile() || stats.size > DISK_BOUNDS.maxBytes) return undefined
    const target = await open(to, 'wx')
    try {
      await copyBytes(source, target, stats.size)
    } finally {
      await target.close()
    }
    return stats.size
  } finally {
    await source.close()
  }
}

/** As many as there were: what it grows by meanwhile is left. */
async function copyBytes(source: FileHandle, target: FileHandle, count: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(count, CHUNK_BYTES))
  for (let left = count; left > 0;) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(left, CHUNK_BYTES), null)
    // Cut short meanwhile.
    if (bytesRead === 0) return
    await target.writeFile(buffer.subarray(0, bytesRead))
    left -= bytesRead
  }
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
  const codes = /^(EACCES|EPERM|ENOENT|ENOTDIR|ELOOP|ENXIO)$/
  return error instanceof Error && 'code' in error && codes.test(String(error.code))
}

/**
 * Makes room for the next file while the child lives on. Files alone are removed, each by its name: while a folder is
 * walked through, the child could put a link in its place, to what is ours. False when anything else was left, or too
 * much; that goes with the child.
 */
export async function clearChildFolder(folder: string): Promise<boolean> {
  try {
    for (const inner of ['taken', 'in', 'out']) {
      const names = await namesIn(join(folder, inner), MAX_ENTRIES)
      if (names === undefined) return false
      for (const name of names) await unlink(join(folder, inner, name))
    }
    await rmdir(join(folder, 'taken'))
    return true
  } catch {
    return false
  }
}
