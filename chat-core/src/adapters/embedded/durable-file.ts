import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rmdir, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ChatError } from '@satchel/protocol'

const PLACE_TRIES = 3

export function temporaryPath(folder: string): string {
  return join(folder, randomBytes(12).toString('hex'))
}

/**
 * Moves a finished and synced file to its place, over what is there, and makes the move durable. Folders
 * are made as needed; one that another caller just removed as empty is made again.
 */
export async function placeFile(from: string, to: string): Promise<void> {
  const folder = dirname(to)
  for (let attempt = 1; ; attempt++) {
    const made = await mkdir(folder, { recursive: true })
    try {
      await rename(from, to)
      if (made !== undefined) await syncFolder(dirname(made))
      await syncFolder(folder)
      return
    } catch (error) {
      if (!isMissing(error) || attempt === PLACE_TRIES) throw error
    }
  }
}

/** Writes and syncs a new file; rejects when `body` has not exactly `sizeBytes`. */
export async function writeNewFile(
  path: string,
  body: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): Promise<void> {
  const file = await open(path, 'wx')
  try {
    let written = 0
    for await (const chunk of body) {
      written += chunk.length
      if (written > sizeBytes) break
      await writeWhole(file, chunk)
    }
    if (written !== sizeBytes) {
      throw new ChatError('file_changed', `expected ${String(sizeBytes)} bytes`, {
        limit: sizeBytes,
      })
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A single write may take less than it was given. */
export async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let offset = 0
  while (offset < chunk.length) {
    offset += (await file.write(chunk, offset, chunk.length - offset)).bytesWritten
  }
}

/** Removes a file and the folders it leaves empty, up to `root`. */
export async function removeFile(path: string, root: string): Promise<void> {
  try {
    await unlink(path)
    for (let folder = dirname(path); folder !== root; folder = dirname(folder)) await rmdir(folder)
  } catch (error) {
    if (!isMissing(error) && !isNotEmpty(error)) throw error
  }
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** What the file system refused, as a `ChatError`. */
export function fileError(error: unknown): ChatError {
  if (error instanceof ChatError) return error
  const code = codeOf(error)
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG'
  return isFull
    ? new ChatError('storage_full', 'No space is left for files; nothing was stored', {
        cause: error,
      })
    : new ChatError('unavailable', `The folder of files refused: ${code ?? 'unknown'}`, {
        cause: error,
      })
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT'
}

function isNotEmpty(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOTEMPTY' || code === 'EEXIST'
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
