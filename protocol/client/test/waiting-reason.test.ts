import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { CLOSE_CODES, ChatError } from '@satchel/protocol'
import type { ChatClient, ConnectionState } from '../src/index.ts'
import { openWebSocket } from '../src/web-socket.ts'
import { createTestBench } from './support/test-bench.ts'

type WaitingState = Extract<ConnectionState, { status: 'waiting' }>

const URL_OF_BENCH = 'ws://chat.example:7700/v1/socket'

test(
  'with Node’s own WebSocket a port where nobody listens is known at once, by no timer',
  { timeout: 5_000 },
  async (t) => {
    const url = `ws://127.0.0.1:${String(await closedPort())}/v1/socket`
    const bench = createTestBench()
    // The bench's time stands still: nothing that happens is a deadline's doing.
    const chat = bench.client('alice', { url, openWebSocket })
    t.after(() => {
      chat.close()
    })
    const states: string[] = []
    chat.on('state', ({ status }) => states.push(status))
    const waiting = new Promise<WaitingState>((resolve) => {
      chat.on('state', (state) => {
        if (state.status === 'waiting') resolve(state)
      })
    })
    chat.connect().catch(() => undefined)
    const state = await waiting
    await bench.clock.settle()
    assert.deepEqual(states, ['connecting', 'waiting'])
    assert.equal(state.error.code, 'unavailable')
    assert.equal(state.error.message, `the connection to ${url} could not be opened`)
    assert.ok(state.error.cause instanceof Error, 'what Node says is the cause')
  },
)

test('whoever waits is told why', async () => {
  const bench = createTestBench()
  const cause = new Error('the backend is down')
  let getToken = (): Promise<string> | string => Promise.reject(cause)
  const chat = bench.client('alice', { getToken: () => getToken() })
  chat.connect().catch(() => undefined)
  await bench.clock.settle()
  const tokenless = reasonOf(chat)
  assert.equal(tokenless.message, 'getToken failed')
  assert.equal(tokenless.cause, cause)

  getToken = () => new Promise(() => undefined)
  chat.reconnectNow()
  await bench.clock.advance(15_000)
  assert.equal(reasonOf(chat).message, 'no answer from getToken in 15000 ms')

  getToken = () => 'alice'
  const { accept } = bench.network
  bench.network.accept = () => undefined
  chat.reconnectNow()
  await bench.clock.advance(15_000)
  assert.equal(reasonOf(chat).message, `no answer from ${URL_OF_BENCH} in 15000 ms`)
  bench.network.accept = accept

  const refusal = new ChatError('too_many_sessions', 'too many')
  bench.server.checkToken = () => refusal
  chat.reconnectNow()
  await bench.clock.settle()
  assert.equal(reasonOf(chat).code, 'too_many_sessions')
  bench.server.checkToken = () => undefined

  chat.reconnectNow()
  await bench.clock.settle()
  bench.network.cutAll()
  await bench.clock.settle()
  const lost = `the connection to ${URL_OF_BENCH} was lost (close code 1006)`
  assert.equal(reasonOf(chat).message, lost)

  chat.reconnectNow()
  await bench.clock.settle()
  for (const { end } of bench.server.sessions) end.close(CLOSE_CODES.draining.code)
  await bench.clock.settle()
  assert.match(reasonOf(chat).message, /^the server closed the connection: ./)
  chat.close()
})

test('a socket that cannot even be made is tried again', async () => {
  const bench = createTestBench()
  const cause = new SyntaxError('no such subprotocol')
  let isBroken = true
  const chat = bench.client('alice', {
    openWebSocket: (url, protocol) => {
      if (isBroken) throw cause
      return bench.network.open(url, protocol)
    },
  })
  const connecting = chat.connect()
  await bench.clock.settle()
  const reason = reasonOf(chat)
  assert.equal(reason.message, `the connection to ${URL_OF_BENCH} could not be opened`)
  assert.equal(reason.cause, cause)
  isBroken = false
  await bench.clock.until(connecting)
  chat.close()
})

/** Why the client waits. */
function reasonOf({ state }: ChatClient): ChatError {
  assert.ok(state.status === 'waiting', `it is ${state.status}`)
  return state.error
}

/** A port of this machine where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  server.close()
  await once(server, 'close')
  return address.port
}
