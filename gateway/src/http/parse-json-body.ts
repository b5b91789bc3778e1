import { ChatError } from '@satchel/protocol'

/** The JSON value of a request's body. */
export function parseJsonBody(bytes: Uint8Array | undefined): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return value
  } catch (error) {
    throw new ChatError('bad_request', 'the body is not JSON', { cause: error })
  }
}
