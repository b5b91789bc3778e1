import { ChatError } from '@satchel/protocol'

const FULL = /ENOSPC|EDQUOT|EFBIG|MDB_MAP_FULL|No space left|quota exceeded|File too large/i

/** What LMDB rejected a transaction with, as a `ChatError`. */
export async function storeError(error: unknown): Promise<ChatError> {
  if (error instanceof ChatError) return error
  const cause = await rootCause(error)
  const reason = cause instanceof Error ? cause.message : String(cause)
  return FULL.test(reason)
    ? new ChatError('storage_full', 'No space is left for the store; nothing was stored', { cause })
    : new ChatError('retry', `The store could not commit: ${reason}`, { cause })
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
