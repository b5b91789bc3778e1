import { randomBytes } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@satchel/protocol'

export function temporaryPath(folder: string): string {
  return join(folder, randomBytes(12).toString('hex'))
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

export function isNotEmpty(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOTEMPTY' || code === 'EEXIST'
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
