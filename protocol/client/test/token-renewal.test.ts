import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError, encodeBase64url } from '@satchel/protocol'
import { createTestBench } from './support/test-bench.ts'
import type { TestBench } from './support/test-bench.ts'

async function connected(bench: TestBench, options: Parameters<TestBench['client']>[1] = {}) {
  const chat = bench.client('alice', options)
  await bench.clock.until(chat.connect())
  return chat
}

/** A token as backends make them, as far as a client reads it. */
function jwt(user: string, expiresAtMs: number): string {
  const claims = new TextEncoder().encode(JSON.stringify({ exp: Math.floor(expiresAtMs / 1_000) }))
  return `${user}.${encodeBase64url(claims)}.signature`
}

test('a token is renewed a minute before it expires, without a new session', async () => {
  const bench = createTestBench()
  let calls = 0
  const chat = await connected(bench, {
    getToken: () => {
      calls++
      return jwt('alice', bench.clock.now() + 600_000)
    },
  })
  const keepAlive = async (durationMs: number): Promise<void> => {
    for (let passed = 0; passed < durationMs; passed += 30_000) {
      bench.server.pushAll({ type: 'ping' })
      await bench.clock.advance(Math.min(30_000, durationMs - passed))
    }
  }
  await keepAlive(539_000)
  assert.equal(calls, 1)
  await keepAlive(2_000)
  assert.equal(calls, 2)
  assert.equal(bench.server.framesOf('auth').length, 1)
  await keepAlive(540_000)
  assert.equal(bench.server.framesOf('auth').length, 2, 'and the next one as well')
  assert.equal(bench.server.framesOf('hello').length, 1)
  chat.close()
})

test('a renewal that fails is tried again', async () => {
  const bench = createTestBench()
  let calls = 0
  const chat = await connected(bench, {
    getToken: () => {
      calls++
      if (calls === 2) throw new Error('the backend is down')
      return jwt('alice', bench.clock.now() + 30_000)
    },
  })
  await bench.clock.advance(26_000)
  assert.equal(calls, 3)
  assert.equal(bench.server.framesOf('auth').length, 1)
  chat.close()
})

test('a renewal whose token never comes is tried again after 15 s, and what comes later is ignored', async () => {
  const bench = createTestBench()
  const late: ((token: string) => void)[] = []
  let calls = 0
  const chat = await connected(bench, {
    getToken: () => {
      calls++
      const token = jwt('alice', bench.clock.now() + 60_000)
      return calls === 2 ? new Promise((resolve) => late.push(resolve)) : token
    },
  })
  await bench.clock.advance(38_000)
  bench.server.pushAll({ type: 'ping' })
  // Due after four fifths of a minute; then the deadline, and a second of back-off.
  await bench.clock.advance(48_000 - 38_000 + 15_000 - 1)
  assert.equal(calls, 2)
  await bench.clock.advance(1 + 1_000)
  assert.equal(calls, 3)
  assert.equal(bench.server.framesOf('auth').length, 1)
  late[0]?.('alice.late')
  await bench.clock.settle()
  assert.equal(bench.server.framesOf('auth').length, 1)
  assert.equal(bench.server.framesOf('hello').length, 1)
  chat.close()
})

test('a request refused because the token is too old is asked again with a new one', async () => {
  const bench = createTestBench()
  const chat = await connected(bench)
  bench.server.onRequest = (frame) =>
    frame.type === 'users' && bench.server.framesOf('auth').length === 0
      ? new ChatError('token_expired', 'too old')
      : undefined
  const users = await bench.clock.until(chat.users(['bob']))
  assert.equal(users[0]?.name, 'Name bob')
  chat.close()
})
