import { statfs } from 'node:fs/promises'
import { ChatError } from '@satchel/protocol'

const FULL = /ENOSPC|EDQUOT|EFBIG|MDB_MAP_FULL|No space left|quota exceeded|File too large/i
/** A disk with less than this much left is what a failed write failed on. */
const FULL_BELOW_BYTES = 1024 * 1024

/** What the journal or LMDB rejected a transaction with, as a `ChatError`. */
export async function storeError(error: unknown, folder: string): Promise<ChatError> {
  if (error instanceof ChatError) return error
  const cause = await rootCause(error)
  const reason = cause instanceof Error ? cause.message : String(cause)
  // LMDB says EIO when the disk took only a part of what it wrote.
  return FULL.test(reason) || (await isFull(folder))
    ? new ChatError('storage_full', 'No space is left for the store; nothing was stored', { cause })
    : new ChatError('retry', `The store could not commit: ${reason}`, { cause })
}

async function isFull(folder: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize < FULL_BELOW_BYTES
  } catch {
    return false
  }
}

// A failed commit carries the promise of its reason, which rejects.
async function rootCause(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  try {
    await error.commitError
    return error
  } catch (reason) {
    return reason
  }
}
