import { ChatError } from '@satchel/protocol'
import type { GatewayTelemetry } from './gateway-telemetry.ts'

/** The error as a client may see it: one nobody foresaw becomes `internal` with an id. */
export function chatErrorOf(
  telemetry: Pick<GatewayTelemetry, 'fault'>,
  where: string,
  error: unknown,
): ChatError {
  if (error instanceof ChatError && error.code !== 'internal') return error
  const id = telemetry.fault(where, error)
  return new ChatError('internal', `a fault of the server; its log has it under ${id}`)
}
