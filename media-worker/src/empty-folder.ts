import { mkdir, readdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { removeFolder } from './sandbox/remove-folder.ts'

/**
 * Gives an empty folder at `path`. What was there is moved aside and removed, by a later call if it cannot be now:
 * whatever a child left there, a worker starts.
 */
export async function emptyFolder(path: string): Promise<void> {
  const aside = `${basename(path)}.old-`
  await mkdir(path, { recursive: true })
  await rename(path, join(dirname(path), aside + randomBytes(6).toString('hex')))
  await mkdir(path)
  for (const name of await readdir(dirname(path))) {
    if (name.startsWith(aside)) await removeFolder(join(dirname(path), name)).catch(() => undefined)
  }
}
