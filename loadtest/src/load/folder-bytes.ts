import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const BLOCK_BYTES = 512

/** What a folder or a file takes on disk, holes not counted; 0 when there is none. */
export async function folderBytes(path: string): Promise<number> {
  try {
    const entry = await stat(path)
    if (!entry.isDirectory()) return entry.blocks * BLOCK_BYTES
    const names = await readdir(path)
    let sum = 0
    for (const name of names) sum += await folderBytes(join(path, name))
    return sum
  } catch (error) {
    // Files come and go meanwhile.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}
