import { ChatError } from '../chat-error.ts'

/** The refusal of a value that is not what `name` says. Never repeats text: it may be a secret. */
export function expected(name: string, value: unknown): ChatError {
  return new ChatError(
    'bad_request',
    value === undefined || value === null
      ? `missing, expected ${name}`
      : `expected ${name}, got ${describe(value)}`,
  )
}

/** The refusal of a word that is none of a known few; unlike other text it is repeated. */
export function expectedWord(known: string, value: unknown): ChatError {
  return typeof value === 'string'
    ? new ChatError('bad_request', `expected ${known}, got ${JSON.stringify(value.slice(0, 32))}`)
    : expected(known, value)
}

/** The refusal of more than `limit` of `unit`. */
export function beyond(what: string, limit: number, unit: string): ChatError {
  return new ChatError('too_large', `${what} than ${String(limit)} ${unit}`, { limit })
}

/**
 * The same refusal, seen from one level up: `field` goes in front of its message and path.
 * Where `details.field` is set, the message starts with it and a colon.
 */
export function within(field: string, error: unknown): unknown {
  if (!(error instanceof ChatError)) return error
  const inner = error.details.field
  const path = inner === undefined ? field : `${field}.${inner}`
  const reason = inner === undefined ? error.message : error.message.slice(inner.length + 2)
  return new ChatError(error.code, `${path}: ${reason}`, { ...error.details, field: path })
}

function describe(value: unknown): string {
  if (value instanceof Uint8Array) return `${String(value.length)} bytes`
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return String(value)
    case 'string':
      return 'text'
    default:
      return 'a map'
  }
}
