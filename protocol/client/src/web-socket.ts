/** What is read of a socket's events. */
export interface WebSocketEvent {
  readonly type: string
  readonly data?: unknown
  readonly code?: number
  readonly reason?: string
  /** What went wrong, where a platform says so. */
  readonly error?: unknown
}

/** The part of the standard `WebSocket` that is used. */
export interface WebSocketLike {
  binaryType: string
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: WebSocketEvent) => void,
  ): void
}

/** Makes a socket that starts connecting at once, as `new WebSocket(url, protocol)` does. */
export type OpenWebSocket = (url: string, protocol: string) => WebSocketLike

export function openWebSocket(url: string, protocol: string): WebSocketLike {
  return new WebSocket(url, protocol)
}
