import { createServer } from 'node:net'
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

/** Listens on `host` and `port` (0 = a free one); rejects, saying why, when that cannot be. */
export function listen(app: TemplatedApp, host: string, port: number): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<Listener>()
  // Without this a second server would share the port, and half of the clients.
  app.listen(host, port, EXCLUSIVE_PORT, (socket) => {
    if (socket === false) {
      findHindrance(host, port).then(
        (why) => reject(new ChatError('unavailable', `Cannot listen on ${host}:${port}: ${why}`)),
        reject,
      )
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

/** The library does not say why it could not listen; whoever tries once more, with Node, is told. */
async function findHindrance(host: string, port: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const server = createServer()
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  server.listen({ host, port, exclusive: true }, () => resolve(undefined))
  const code = await promise
  server.close()
  switch (code) {
    case 'EADDRINUSE':
      return 'another server does already (SATCHEL_PORT)'
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address (SATCHEL_HOST)'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'that name has no address (SATCHEL_HOST)'
    case 'EACCES':
      return 'this user is not permitted to take that port (SATCHEL_PORT)'
    default:
      return code ?? 'the system refused, without saying why'
  }
}
