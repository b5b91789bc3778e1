import type { ChatError, CloseName, ErrorCode, PushFrame, Welcome } from '@satchel/protocol'

/**
 * Why a client is closed: the name of the server's close code, the code of the error that `hello` or
 * `getToken` ended with, or that nobody has connected yet, or no longer wants to.
 */
export type ClosedReason = CloseName | ErrorCode | 'not_connected' | 'closed_by_client'

/** Where a client's connection stands. */
export type ConnectionState =
  | { readonly status: 'connecting' }
  | { readonly status: 'live' }
  /** It is tried again; `error` says why that is needed, with what was thrown, if anything, as its cause. */
  | { readonly status: 'waiting'; readonly retryInMs: number; readonly error: ChatError }
  | { readonly status: 'closed'; readonly reason: ClosedReason }

export interface ConnectionEvents {
  state: ConnectionState
  /** A session begins; what this client asks and sends goes through it from now on. */
  live: Welcome
  /** The session is over; what has no answer yet gets none. */
  lost: undefined
  push: PushFrame
}
