/** What Redis says while it cannot serve, rather than of a command that makes no sense. */
const TRANSIENT_REPLIES: readonly string[] = [
  ...['BUSY', 'LOADING', 'MASTERDOWN', 'MISCONF', 'NOREPLICAS', 'OOM', 'READONLY', 'TRYAGAIN'],
]

/** What went wrong, in one word of few: Redis' own where it refused something. For telemetry. */
export function redisErrorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (isReply(error)) return firstWord(error.message)
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.message === 'Command timed out' ? 'timeout' : 'disconnected'
}

/** Whether Redis is out of reach or cannot serve at the moment. */
export function isTransientRedisError(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof TypeError) return false
  return !isReply(error) || TRANSIENT_REPLIES.includes(firstWord(error.message))
}

function isReply(error: Error): boolean {
  return error.name === 'ReplyError'
}

function firstWord(message: string): string {
  return /^[A-Z]+/.exec(message)?.[0] ?? 'ERR'
}
