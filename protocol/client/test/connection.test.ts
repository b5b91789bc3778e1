import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSE_CODES, ChatError } from '@satchel/protocol'
import type { CloseName } from '@satchel/protocol'
import type { ChatClient, ConnectionState } from '../src/index.ts'
import { createTestBench } from './support/test-bench.ts'
import type { TestBench } from './support/test-bench.ts'

/** Every state from now on, as short text. */
function watchStates(chat: ChatClient): string[] {
  const states: string[] = []
  chat.on('state', (state) => states.push(describe(state)))
  return states
}

function describe(state: ConnectionState): string {
  if (state.status === 'waiting') return `waiting ${String(state.retryInMs)}`
  return state.status === 'closed' ? `closed ${state.reason}` : state.status
}

async function connected(bench: TestBench, options: Parameters<TestBench['client']>[1] = {}) {
  const chat = bench.client('alice', options)
  await bench.clock.until(chat.connect())
  return chat
}

function closeAll({ server }: TestBench, name: CloseName): void {
  for (const session of server.sessions) session.end.close(CLOSE_CODES[name].code)
}

test('connecting says hello with token and device, and resolves when the session is live', async () => {
  const bench = createTestBench()
  const chat = bench.client('alice')
  const states = watchStates(chat)
  assert.deepEqual(chat.state, { status: 'closed', reason: 'not_connected' })
  await chat.connect()
  assert.deepEqual(states, ['connecting', 'live'])
  assert.equal(chat.me?.name, 'ALICE')
  const [hello] = bench.server.framesOf('hello')
  assert.equal(hello?.token, 'alice')
  assert.equal(hello.deviceId, 'device')
  assert.equal(hello.heads, undefined)
  chat.close()
})

test('waiting doubles with every failure, up to 30 s, and starts anew after a stable session', async () => {
  const bench = createTestBench()
  const chat = bench.client('alice')
  const states = watchStates(chat)
  bench.network.isDown = true
  const connecting = chat.connect()
  await bench.clock.advanceUntil(() => states.length >= 18)
  const waits = states.filter((state) => state.startsWith('waiting'))
  assert.deepEqual(
    waits,
    [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000].map(
      (ms) => `waiting ${String(ms)}`,
    ),
  )
  bench.network.isDown = false
  await bench.clock.until(connecting)
  await bench.clock.advance(10_000)
  bench.network.cutAll()
  await bench.clock.settle()
  assert.equal(states.at(-1), 'waiting 500')
  chat.close()
})

test('jitter is full: the wait is anything from nothing to its bound', async () => {
  const bench = createTestBench()
  const chat = bench.client('alice', { random: () => 0.25 })
  const states = watchStates(chat)
  bench.network.isDown = true
  void chat.connect().catch(() => undefined)
  await bench.clock.settle()
  assert.deepEqual(states, ['connecting', 'waiting 125'])
  chat.close()
})

test('reconnectNow does not wait', async () => {
  const bench = createTestBench()
  const chat = await connected(bench)
  bench.network.cutAll()
  await bench.clock.settle()
  assert.equal(chat.state.status, 'waiting')
  chat.reconnectNow()
  await bench.clock.settle()
  assert.equal(chat.state.status, 'live')
  chat.close()
})

for (const [name, { resumable, defaultDelayMs }] of Object.entries(CLOSE_CODES)) {
  test(`a socket closed with ${name} is ${resumable ? 'opened again after its delay' : 'the end'}`, async () => {
    const bench = createTestBench()
    const chat = await connected(bench)
    const states = watchStates(chat)
    const isName = (text: string): text is CloseName => Object.hasOwn(CLOSE_CODES, text)
    assert.ok(isName(name))
    closeAll(bench, name)
    await bench.clock.settle()
    if (resumable) {
      assert.deepEqual(states, [`waiting ${String(defaultDelayMs + 500)}`])
      await bench.clock.advance(defaultDelayMs + 500)
      assert.equal(chat.state.status, 'live')
    } else {
      assert.deepEqual(states, [`closed ${name}`])
      await bench.clock.advance(120_000)
      assert.equal(bench.network.openSockets, 0)
      await assert.rejects(chat.people('b'), { code: 'unavailable' })
    }
    chat.close()
  })
}

test('a client closed by the server connects again when asked to', async () => {
  const bench = createTestBench()
  const chat = await connected(bench)
  closeAll(bench, 'session_ended')
  await bench.clock.settle()
  assert.equal(chat.state.status, 'closed')
  await bench.clock.until(chat.connect())
  assert.equal(chat.state.status, 'live')
  chat.close()
})

test('a refused hello is the end, an expired token is not', async () => {
  const bench = createTestBench()
  const tokens = ['alice.old', 'alice.new', 'alice.bad']
  const chat = bench.client('alice', { getToken: () => tokens.shift() ?? '' })
  bench.server.checkToken = (token) => {
    if (token === 'alice.old') return new ChatError('token_expired', 'too old')
    if (token === 'alice.bad') return new ChatError('unauthenticated', 'no')
    return undefined
  }
  await bench.clock.until(chat.connect())
  assert.deepEqual(
    bench.server.framesOf('hello').map(({ token }) => token),
    ['alice.old', 'alice.new'],
  )
  const states = watchStates(chat)
  bench.network.cutAll()
  await bench.clock.advance(2_000)
  assert.equal(states.at(-1), 'closed unauthenticated')
  chat.close()
})

for (const { code, leastMs } of [
  { code: 'internal', leastMs: 2_000 },
  { code: 'too_many_sessions', leastMs: 5_000 },
] as const) {
  test(`a hello refused with ${code} is said again, no sooner than after ${leastMs} ms`, async () => {
    const bench = createTestBench()
    const chat = bench.client('alice')
    bench.server.checkToken = () => new ChatError(code, 'not now')
    const states = watchStates(chat)
    const connected = chat.connect()
    await bench.clock.settle()
    assert.equal(states.at(-1), `waiting ${leastMs + 500}`)
    bench.server.checkToken = () => undefined
    await bench.clock.advance(leastMs + 500)
    await connected
    assert.equal(chat.state.status, 'live')
    chat.close()
  })
}

test('a token that cannot be had now is asked for again; one that never can is the end', async () => {
  const bench = createTestBench()
  let calls = 0
  const chat = bench.client('alice', {
    getToken: () => {
      calls++
      if (calls <= 2) throw new Error('the backend is down')
      return 'alice'
    },
  })
  await bench.clock.until(chat.connect())
  assert.equal(calls, 3)
  chat.close()

  const banned = bench.client('alice', {
    getToken: () => Promise.reject(new ChatError('forbidden', 'banned')),
  })
  await assert.rejects(bench.clock.until(banned.connect()), { code: 'forbidden' })
  assert.deepEqual(banned.state, { status: 'closed', reason: 'forbidden' })
})

test('a ping is answered', async () => {
  const bench = createTestBench()
  const chat = await connected(bench)
  bench.server.pushAll({ type: 'ping' })
  await bench.clock.settle()
  assert.equal(bench.server.framesOf('pong').length, 1)
  chat.close()
})

test('40 s without a word end the session, a word within them does not', async () => {
  const bench = createTestBench()
  const chat = await connected(bench)
  await bench.clock.advance(39_000)
  bench.server.pushAll({ type: 'ping' })
  await bench.clock.advance(39_000)
  assert.equal(bench.server.framesOf('hello').length, 1)
  await bench.clock.advance(2_000)
  assert.equal(bench.server.framesOf('hello').length, 2)
  chat.close()
})

test('a socket that opens and never answers is given up after 15 s', async () => {
  const bench = createTestBench()
  const accept = bench.network.accept
  bench.network.accept = () => undefined
  const chat = bench.client('alice')
  const states = watchStates(chat)
  const connecting = chat.connect()
  await bench.clock.advance(15_000)
  assert.equal(states.at(-1), 'waiting 500')
  bench.network.accept = accept
  await bench.clock.until(connecting)
  chat.close()
})

test('goaway lets the old session work until its delay is over, then the next takes over', async () => {
  const bench = createTestBench()
  const { id } = bench.group(['alice', 'bob'])
  const chat = await connected(bench)
  const trip = chat.conversation(id)
  const heard: number[] = []
  trip.on('event', ({ seq }) => heard.push(seq))
  const states = watchStates(chat)
  bench.server.pushAll({ type: 'goaway', delayMs: 3_000 })
  await bench.clock.advance(2_000)
  await trip.send('on the old session')
  bench.server.judge = () => ({ kind: 'lose' })
  const unanswered = trip.send('answered by the new session')
  await bench.clock.advance(999)
  assert.deepEqual(states, [])
  bench.server.judge = () => ({ kind: 'apply' })
  await bench.clock.advance(1)
  assert.deepEqual(states, ['connecting', 'live'])
  bench.server.append(id, 'bob', 'hello')
  await bench.clock.settle()
  assert.equal((await unanswered).seq, 3)
  assert.deepEqual(heard, [2, 3, 4])
  chat.close()
})

test('a request survives a reconnect', async () => {
  const bench = createTestBench()
  const chat = await connected(bench)
  bench.network.cutAll()
  const users = await bench.clock.until(chat.users(['bob']))
  assert.equal(users[0]?.id, 'bob')
  chat.close()
})

test('a request that may pass later is asked again, a final refusal is handed on', async () => {
  const bench = createTestBench()
  const chat = await connected(bench)
  let refusals = 2
  bench.server.onRequest = (frame) => {
    if (frame.type === 'users' && refusals-- > 0) return new ChatError('unavailable', 'not now')
    return frame.type === 'people' ? new ChatError('forbidden', 'no') : undefined
  }
  assert.equal((await bench.clock.until(chat.users(['bob']))).length, 1)
  await assert.rejects(chat.people('b'), { code: 'forbidden' })
  chat.close()
})

test('a request without an answer in 30 s is unavailable', async () => {
  const bench = createTestBench()
  const chat = await connected(bench)
  bench.network.isDown = true
  bench.network.cutAll()
  const asked = chat.users(['bob'])
  const refused = assert.rejects(asked, { code: 'unavailable' })
  await bench.clock.advance(29_999)
  assert.equal(chat.state.status, 'waiting')
  await bench.clock.advance(1)
  await refused
  chat.close()
})

test('a closed client says so to whoever waits, and leaves no timer behind', async () => {
  const bench = createTestBench()
  const { id } = bench.group(['alice'])
  const chat = await connected(bench)
  bench.network.isDown = true
  bench.network.cutAll()
  await bench.clock.settle()
  const waiting = [chat.users(['bob']), chat.conversation(id).send('unsent')]
  const rejections = waiting.map((promise) => assert.rejects(promise, { code: 'unavailable' }))
  chat.close()
  await Promise.all(rejections)
  assert.deepEqual(chat.state, { status: 'closed', reason: 'closed_by_client' })
  await assert.rejects(chat.connect(), { code: 'unavailable' })
  await bench.clock.settle()
  assert.equal(bench.clock.pendingTimers, 0)
})

test('the JSON form says the same', async () => {
  const bench = createTestBench()
  const { id } = bench.group(['alice', 'bob'])
  const chat = await connected(bench, { form: 'json' })
  assert.equal((await chat.conversation(id).send('Hello')).seq, 2)
  chat.close()
})
