import { MessagePackReader, type DecodeLimits } from '@satchel/protocol'
import { Packr } from 'msgpackr'

// Whoever reads it refuses extensions, and `undefined` would be one.
const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: true })

/** What one NATS message may hold: a batch of what servers tell each other. */
const DECODE_LIMITS: DecodeLimits = {
  // NATS' own default for one message.
  maxBytes: 1024 * 1024,
  maxFrames: 1,
  maxNesting: 24,
  maxArrayLength: 16_384,
  maxMapLength: 128,
}

/** A list, as the payload of a NATS message. */
export function pack(values: readonly unknown[]): Uint8Array {
  return packr.pack(values)
}

/**
 * The list in a payload. Limits are checked before anything is allocated for what they limit; throws a `ChatError`
 * (`bad_frame`) for anything else.
 */
export function unpack(payload: Uint8Array): readonly unknown[] {
  const [values] = new MessagePackReader(DECODE_LIMITS).read(payload)
  return Array.isArray(values) ? values : []
}
