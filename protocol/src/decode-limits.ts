import { ChatError } from './chat-error.ts'
import { LIMITS } from './limits.ts'

/** What a decoder accepts of one WebSocket message. Checked before anything is allocated for it. */
export interface DecodeLimits {
  readonly maxBytes: number
  readonly maxFrames: number
  readonly maxNesting: number
  readonly maxArrayLength: number
  readonly maxMapLength: number
}

/** For what clients send. */
export const CLIENT_DECODE_LIMITS: DecodeLimits = {
  maxBytes: LIMITS.maxMessageBytes,
  maxFrames: LIMITS.maxFramesPerMessage,
  maxNesting: LIMITS.maxNesting,
  maxArrayLength: LIMITS.maxArrayLength,
  maxMapLength: LIMITS.maxMapLength,
}

/** For what servers send. */
export const SERVER_DECODE_LIMITS: DecodeLimits = {
  maxBytes: LIMITS.maxServerMessageBytes,
  maxFrames: LIMITS.maxServerArrayLength,
  maxNesting: LIMITS.maxServerNesting,
  maxArrayLength: LIMITS.maxServerArrayLength,
  maxMapLength: LIMITS.maxServerMapLength,
}

/** The refusal of a whole message: its bytes are no frames, or exceed a limit. */
export function refusedMessage(what: string, cause?: unknown): ChatError {
  return new ChatError('bad_frame', `the message ${what}`, { cause })
}

export function requireLength(limits: DecodeLimits, is: 'array' | 'map', length: number): void {
  const limit = is === 'map' ? limits.maxMapLength : limits.maxArrayLength
  if (length <= limit) return
  const found =
    is === 'map' ? `a map of ${String(length)} entries` : `an array of ${String(length)} items`
  throw refusedMessage(`has ${found}, the limit is ${String(limit)}`)
}
