import { errors, types } from 'cassandra-driver'

const { responseErrorCodes: codes } = types

/** What a node answers when the same may succeed later, or at another node. */
const TRANSIENT_RESPONSES: ReadonlyMap<number, string> = new Map([
  [codes.serverError, 'server_error'],
  [codes.unavailableException, 'replicas_missing'],
  [codes.overloaded, 'overloaded'],
  [codes.isBootstrapping, 'bootstrapping'],
  [codes.writeTimeout, 'write_timeout'],
  [codes.readTimeout, 'read_timeout'],
  [codes.readFailure, 'read_failure'],
  [codes.writeFailure, 'write_failure'],
])

/** Whether a call failed by who was called, not by what was asked. */
export function isTransientCassandraError(error: unknown): boolean {
  if (error instanceof errors.ResponseError) return TRANSIENT_RESPONSES.has(error.code)
  return (
    error instanceof errors.NoHostAvailableError ||
    error instanceof errors.OperationTimedOutError ||
    error instanceof errors.BusyConnectionError ||
    isSocketError(error)
  )
}

/** Names an error for telemetry: one of few. */
export function cassandraErrorCode(error: unknown): string {
  if (error instanceof errors.ResponseError)
    return TRANSIENT_RESPONSES.get(error.code) ?? `response_${error.code.toString(16)}`
  if (error instanceof errors.NoHostAvailableError) return 'no_host'
  if (error instanceof errors.OperationTimedOutError) return 'timeout'
  if (error instanceof errors.BusyConnectionError) return 'busy'
  return isSocketError(error) ? 'socket' : 'other'
}

// The driver marks them so; their class is whatever the socket gave.
function isSocketError(error: unknown): boolean {
  return error instanceof Error && 'isSocketError' in error && error.isSocketError === true
}
