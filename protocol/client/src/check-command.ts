import {
  ChatError,
  LIMITS,
  createClientCodec,
  newOutboxId,
  requestedCommand,
} from '@satchel/protocol'
import type { RequestedCommand } from '@satchel/protocol'

/** A frame around a command: ids, numbers, flags, and the person it is for. */
const FRAME_BYTES = 128

/**
 * Throws what the server would refuse the command with, before it takes a place in the line:
 * `bad_request` naming the field, or `too_large`.
 */
export function checkCommand(command: RequestedCommand): void {
  requestedCommand.parse(requestedCommand.format(command, 'msgpack'), 'msgpack')
  const commandId = { outbox: newOutboxId(), counter: 1 }
  const bytes = createClientCodec('msgpack').encode({
    type: 'command',
    requestId: 1,
    commandId,
    command,
  })
  const limit = LIMITS.maxMessageBytes - FRAME_BYTES
  if (bytes.length <= limit) return
  throw new ChatError('too_large', `the command takes ${String(bytes.length)} bytes`, { limit })
}
