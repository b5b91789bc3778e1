import { ChatError } from '@satchel/protocol'
import { us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js'
import type { TemplatedApp } from 'uWebSockets.js'

declare module 'uWebSockets.js' {
  interface TemplatedApp {
    // There, and tested, but missing from the library's own declarations.
    listen(
      host: string,
      port: number,
      options: number,
      callback: (socket: us_listen_socket | false) => void,
    ): TemplatedApp
  }
}

export interface Listener {
  readonly port: number
  /** No new connections; those there are stay. */
  stop(): void
}

/** The library's `LIBUS_LISTEN_EXCLUSIVE_PORT`. */
const EXCLUSIVE_PORT = 1

/** Listens on `host` and `port` (0 = a free one); rejects when the port is taken. */
export function listen(app: TemplatedApp, host: string, port: number): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<Listener>()
  // Without this a second server would share the port, and half of the clients.
  app.listen(host, port, EXCLUSIVE_PORT, (socket) => {
    if (socket === false) {
      const where = `${host}:${String(port)}`
      const why = 'another server does, or this machine has no such address'
      reject(new ChatError('unavailable', `Cannot listen on ${where}: ${why}`))
      return
    }
    let isStopped = false
    resolve({
      port: us_socket_local_port(socket),
      stop: () => {
        if (!isStopped) us_listen_socket_close(socket)
        isStopped = true
      },
    })
  })
  return promise
}
