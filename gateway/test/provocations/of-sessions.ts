import { newConversationId } from '@satchel/protocol'
import { callHttp } from '../http-client.ts'
import { httpRefusal, refusal, type Provocations } from './provocation.ts'

export const ofSessions: Provocations = {
  unauthenticated: {
    provoke: async (server) => refusal((await server.connect()).hello('no token')),
  },
  token_expired: {
    async provoke(server) {
      const token = await server.tokenOf('alice', { lifetimeMs: -60_000 })
      return refusal((await server.connect()).hello(token))
    },
  },
  forbidden: {
    async provoke(server) {
      const alice = await server.connect()
      await alice.hello(await server.tokenOf('alice', { capabilities: [] }))
      return refusal(alice.say(newConversationId('group'), 'may I?'))
    },
  },
  too_many_sessions: {
    options: { environment: { SATCHEL_MAX_SESSIONS: '1' } },
    async provoke(server) {
      await server.signIn('alice')
      return refusal(server.signIn('bob'))
    },
  },
  unavailable: {
    options: { environment: { SATCHEL_TOKEN_JWKS_URL: 'http://127.0.0.1:1/keys' } },
    provoke: async (server) =>
      refusal((await server.connect()).hello(await server.foreignToken('alice'))),
  },
  unknown_op: {
    async provoke(server) {
      const alice = await server.signIn('alice', 'json')
      return refusal(alice.rawRequest((requestId) => `[59,${requestId}]`))
    },
  },
  bad_frame: {
    async provoke(server) {
      const alice = await server.signIn('alice')
      alice.raw(Uint8Array.of(0xc1))
      const { reason } = await alice.untilClosed()
      return reason.split(':')[0] ?? ''
    },
  },
}

/** A web client that does not bundle; only the server is to notice. */
const unbundled = Promise.reject(new Error('it does not bundle'))
unbundled.catch(() => undefined)

export const ofHttp: Provocations = {
  no_such_route: { provoke: ({ url }) => httpRefusal('GET', `${url}/v1/nowhere`) },
  method_not_allowed: { provoke: ({ url }) => httpRefusal('PUT', `${url}/live`) },
  no_such_user: {
    async provoke({ url, serverKey }) {
      const { error } = await callHttp('GET', `${url}/v1/users/nobody`, {
        bearer: serverKey,
        user: 'alice',
      })
      return error?.code ?? 'none'
    },
  },
  internal: {
    options: { webClient: unbundled },
    provoke: ({ url }) => httpRefusal('GET', `${url}/`),
  },
  draining: {
    options: { environment: { SATCHEL_DRAIN_MS: '2000' } },
    async provoke(server) {
      const alice = await server.signIn('alice')
      const connection = await server.keepAlive()
      const leaving = server.server.drain()
      await alice.until('goaway')
      const answer = await connection.get('/ready')
      alice.close()
      await leaving
      return /"code":"(\w+)"/.exec(answer)?.[1] ?? 'none'
    },
  },
}
