import { ChatError, type ConversationId, type ErrorCode } from '@satchel/protocol'
import { callHttp } from '../http-client.ts'
import type { SocketClient } from '../socket-client.ts'
import { userIdOf, type TestServer, type TestServerOptions } from '../test-server.ts'

/** How to make a server answer with one error code, over a real socket or HTTP call. */
export interface Provocation {
  /** Of a server of its own; otherwise it shares one, as it is started. */
  readonly options?: TestServerOptions
  /** Gives the code it was answered with. */
  readonly provoke: (server: TestServer) => Promise<string>
}

export type Provocations = Partial<Record<ErrorCode, Provocation>>

const bob = userIdOf('bob')
export const unlimited = { environment: { SATCHEL_LIMITS: 'off' } }

/** The code a promise is refused with; the registry's names are all there is. */
export async function refusal(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ChatError)) throw new Error('it was not refused', { cause: error })
  return error.code
}

export async function httpRefusal(method: string, url: string, headers?: Record<string, string>) {
  const { error } = await callHttp(method, url, headers === undefined ? {} : { headers })
  return error?.code ?? 'none'
}

export async function aliceWithGroup(server: TestServer): Promise<[SocketClient, ConversationId]> {
  const alice = await server.signIn('alice')
  return [alice, await alice.group(bob)]
}
