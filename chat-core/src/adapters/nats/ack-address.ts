/** What a message of a consumer says of itself in the address for its acknowledgement. */
export interface AckAddress {
  /** Its number in the stream. */
  readonly seq: number
  /** The how-many-th message it is that the consumer gave out. */
  readonly delivery: number
  /** How often this message was given out, this time included. */
  readonly attempt: number
  readonly timeMs: number
}

/**
 * `$JS.ACK.stream.consumer.attempt.seq.delivery.time.pending`, with domain and account before the stream where
 * servers are set so. (The driver's own parser is not public.)
 */
export function parseAckAddress(address: string): AckAddress {
  const tokens = address.split('.')
  const at = tokens.length < 11 ? 4 : 6
  const [attempt = '', seq = '', delivery = '', timeNanos = ''] = tokens.slice(at, at + 4)
  return {
    attempt: Number(attempt),
    seq: Number(seq),
    delivery: Number(delivery),
    // Nanoseconds since 1970 are more than a double holds exactly.
    timeMs: Number(timeNanos.slice(0, -6)),
  }
}
