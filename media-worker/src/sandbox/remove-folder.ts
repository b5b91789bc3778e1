import { chmod, lstat, opendir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Removes a folder and all in it, if it is there. What a child made may be closed to its own user (mode 000): then
 * it is opened up first. No link is followed, provided that nobody changes the folder meanwhile.
 */
export async function removeFolder(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    if (!isForbidden(error)) throw error
    await openUp(path)
    await rm(path, { recursive: true, force: true })
  }
}

async function openUp(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return
  await chmod(path, 0o700)
  for await (const entry of await opendir(path)) {
    if (entry.isDirectory()) await openUp(join(path, entry.name))
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(EACCES|EPERM)$/.test(String(error.code))
}
