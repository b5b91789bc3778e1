import { ERROR_CODES, type ErrorCode } from './error-codes.ts'

/** Facts beside an error's code that a program may act on. */
export interface ErrorDetails {
  readonly retryAfterMs?: number | undefined
  readonly remaining?: number | undefined
  readonly limit?: number | undefined
  readonly field?: string | undefined
  readonly missingParts?: readonly number[] | undefined
}

/** The one error of Satchel: a code of the registry, and a message that names the thing and the limit. */
export class ChatError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(
    code: ErrorCode,
    message: string,
    options: ErrorDetails & { readonly cause?: unknown } = {},
  ) {
    const { cause, ...details } = options
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'ChatError'
    this.code = code
    this.details = details
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable
  }
}
