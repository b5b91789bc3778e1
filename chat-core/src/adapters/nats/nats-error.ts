import { ChatError } from '@satchel/protocol'
import { NatsError } from 'nats'

/** NATS could not do what was asked of it, or not in time: the same may succeed later. */
export function natsError(what: string, cause: unknown): ChatError {
  return new ChatError('unavailable', `NATS could not ${what}`, { cause })
}

/** The driver's code of an error, or JetStream's; for telemetry. */
export function natsErrorCode(error: unknown): string {
  if (!(error instanceof NatsError)) return 'unknown'
  const apiCode = error.api_error?.err_code
  return apiCode === undefined ? error.code : String(apiCode)
}
