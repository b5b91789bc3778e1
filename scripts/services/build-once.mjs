import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { withFileLock } from './file-lock.mjs'

/**
 * The path of `<folder>/<name>`, which is built when it is not there. It appears whole or not at all; when several
 * processes ask at once, one builds and the others wait for it.
 *
 * @param {string} folder
 * @param {string} name with the version in it
 * @param {(workFolder: string) => Promise<string>} build gives the path of what it made in the empty folder it was given
 */
export async function buildOnce(folder, name, build) {
  const target = join(folder, name)
  if (existsSync(target)) return target
  await mkdir(folder, { recursive: true })
  await withFileLock(join(folder, `.${name}.lock`), async () => {
    if (existsSync(target)) return
    const prefix = `.building-${name}-`
    // Whoever left these was killed: the lock is ours.
    for (const entry of await readdir(folder)) {
      if (entry.startsWith(prefix)) await removeFolder(join(folder, entry))
    }
    const workFolder = await mkdtemp(join(folder, prefix))
    try {
      await rename(await build(workFolder), target)
    } finally {
      await removeFolder(workFolder)
    }
  })
  return target
}

/** @param {string} path */
function removeFolder(path) {
  return rm(path, { recursive: true, force: true })
}
