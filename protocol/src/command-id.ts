import { decodeBase64url, encodeBase64url } from './base64url.ts'
import type { CommandId, OutboxId } from './ids.ts'
import { expected } from './schema/refusal.ts'
import { readBytes } from './schema/index.ts'
import type { Schema } from './schema/index.ts'

/** 8 bytes: the outbox's 5, then the counter's 3, big-endian. */
export const commandId: Schema<CommandId> = {
  name: 'command id',
  shape: { is: 'named' },
  parse(value, form) {
    const bytes = readBytes(value, form)
    const counter = ((bytes?.[5] ?? 0) << 16) | ((bytes?.[6] ?? 0) << 8) | (bytes?.[7] ?? 0)
    if (bytes?.length !== 8 || counter === 0) {
      throw expected('command id (8 bytes: 5 of the outbox, 3 of a counter from 1)', value)
    }
    return { outbox: encodeBase64url(bytes, 5) as OutboxId, counter }
  },
  format(value, form) {
    const bytes = new Uint8Array(8)
    bytes.set(decodeBase64url(value.outbox) ?? [])
    bytes[5] = value.counter >> 16
    bytes[6] = value.counter >> 8
    bytes[7] = value.counter
    return form === 'json' ? encodeBase64url(bytes) : bytes
  },
}
