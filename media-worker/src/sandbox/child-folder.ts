import { copyFile, link, lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removeFolder } from './remove-folder.ts'

/** More than a child makes of one file. */
const MAX_ENTRIES = 64

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
 * neither file nor folder there, such as a link to a file of somebody else, or what may not be moved. It may still be
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
  const names = await readdir(taken)
  if (names.length > MAX_ENTRIES) return false
  for (const name of names) {
    const path = join(outputFolder, name)
    await rename(join(taken, name), path)
    const stats = await lstat(path)
    if (!stats.isFile() && !stats.isDirectory()) return false
  }
  return true
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
