import { ChatError } from '@satchel/protocol'
import { SOCKET_PATH } from '../socket/serve-sockets.ts'
import type { Route } from './route.ts'

/** What somebody gets who comes to the socket's address with a browser or `curl`. */
export function createSocketHint(): Route {
  return {
    method: 'GET',
    path: SOCKET_PATH,
    handle() {
      throw new ChatError(
        'bad_request',
        'this address takes WebSockets, with the sub-protocol satchel.v1 or satchel.v1.json',
      )
    },
  }
}
