import type { Msg } from 'nats'

/** What an answer to a publish says of that one attempt. */
export type PublishOutcome =
  | { readonly kind: 'stored'; readonly record: number }
  /** It is not in the stream. `full`: there is no room; `away`: another attempt may get through. */
  | { readonly kind: 'refused'; readonly reason: 'full' | 'away'; readonly code: string }
  /** It may be in the stream, now or soon. */
  | { readonly kind: 'unknown'; readonly code: string }

// JetStream's error codes, from nats-server's server/errors.json.
const STORE_FAILED = 10_077
const NO_ROOM: ReadonlySet<number> = new Set([
  10_002, // resource limits exceeded for account
  10_023, // insufficient resources
  10_028, // insufficient memory resources
  10_047, // insufficient storage resources
])
const NOT_NOW: ReadonlySet<number> = new Set([
  10_008, // JetStream system temporarily unavailable
  10_167, // too many requests
])
// A stream that only discards old messages never says so; ours discard new ones.
const LIMIT_REACHED = /^maximum (messages|bytes) exceeded$/

/** Never throws: an answer that cannot be read says nothing. */
export function parsePublishOutcome(
  answer: Pick<Msg, 'data' | 'headers' | 'string'>,
): PublishOutcome {
  if (answer.data.length === 0) return parseStatus(answer.headers?.code ?? 0)
  try {
    const { seq, error } = JSON.parse(answer.string()) as PubAck
    if (error !== undefined) return parseError(error)
    return seq !== undefined && seq > 0 ? { kind: 'stored', record: seq } : unreadable
  } catch {
    return unreadable
  }
}

interface PubAck {
  readonly seq?: number | undefined
  readonly error?: JetStreamError | undefined
}

interface JetStreamError {
  readonly err_code?: number | undefined
  readonly description?: string | undefined
}

const unreadable: PublishOutcome = { kind: 'unknown', code: 'unreadable_ack' }

/** 503: nobody listens on the subject, since the stream has no leader at the moment, or is missing. */
function parseStatus(status: number): PublishOutcome {
  return status === 503
    ? { kind: 'refused', reason: 'away', code: 'no_responders' }
    : { kind: 'unknown', code: `status_${status}` }
}

function parseError({ err_code: number = 0, description = '' }: JetStreamError): PublishOutcome {
  const code = String(number)
  if (NO_ROOM.has(number)) return { kind: 'refused', reason: 'full', code }
  if (NOT_NOW.has(number)) return { kind: 'refused', reason: 'away', code }
  if (number === STORE_FAILED && LIMIT_REACHED.test(description))
    return { kind: 'refused', reason: 'full', code }
  // What failed to be written may be there when the disk is read again.
  return { kind: 'unknown', code }
}
