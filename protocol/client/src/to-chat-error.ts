import { ChatError } from '@satchel/protocol'
import type { ErrorCode } from '@satchel/protocol'

/** The error itself, or what it means to whoever waits, with the error as its cause. */
export function toChatError(error: unknown, code: ErrorCode, message: string): ChatError {
  return error instanceof ChatError ? error : new ChatError(code, message, { cause: error })
}
