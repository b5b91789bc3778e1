import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { BareSocket, webSocketFrame } from './bare-socket.ts'
import { eventually } from './eventually.ts'
import { callHttp } from './http-client.ts'
import { openTestServer, userIdOf, type TestServer } from './test-server.ts'

const bytes = (...parts: (number[] | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Uint8Array.from(part)))

/** An array that claims 65,535 elements, again and again. */
const bomb = (size: number): Uint8Array =>
  bytes(...Array.from({ length: Math.floor(size / 3) }, () => [0xdc, 0xff, 0xff]))

const hostileMessages: Readonly<Record<string, Uint8Array>> = {
  'a 3 KB bomb': bomb(3_000),
  'a 16 KB bomb': bomb(16_383),
  'nesting 16,000 deep': new Uint8Array(16_000).fill(0x91),
  'a map bomb': bytes(...Array.from({ length: 5_000 }, () => [0xde, 0xff, 0xff])),
  'an integer beyond 2^53': bytes([0x92, 63, 0xcf], new Uint8Array(8).fill(0xff)),
  'bad UTF-8': bytes([0x93, 11, 1, 0xa2, 0xc3, 0x28]),
  'an extension': bytes([0x92, 63, 0xd4, 1, 0]),
  'a truncated frame': bytes([0x93, 11]),
  'bytes behind a frame': bytes([0x91, 63, 0xc1]),
  'a frame that is no array': bytes([0xa1, 0x61]),
  'an operation that is text': bytes([0x91, 0xa1, 0x61]),
  'too many frames': bytes(...Array.from({ length: 65 }, () => [0x91, 63])),
  'a message of 20 KB': new Uint8Array(20_000).fill(0xc0),
}

async function bare(server: TestServer, user?: string): Promise<BareSocket> {
  const socket = await BareSocket.open(server.port)
  if (user !== undefined) await socket.hello(await server.tokenOf(user))
  return socket
}

test('hostile messages close their socket with a code, cost little, and disturb nobody', async (context) => {
  const server = await openTestServer(context)
  const [alice, bob] = [await server.signIn('alice'), await server.signIn('bob')]
  const group = await alice.group(userIdOf('bob'))
  for (const [name, message] of Object.entries(hostileMessages)) {
    for (const user of [undefined, 'mallory']) {
      const socket = await bare(server, user)
      const rssBefore = process.memoryUsage().rss
      const cpuBefore = process.cpuUsage()
      socket.sendMessage(message)
      await eventually(`${name} closes the socket`, () => socket.isEnded)
      const { user: busy, system } = process.cpuUsage(cpuBefore)
      assert.equal(socket.closeCode, 4000, name)
      // Client and server share this process: generous, and far below what a bomb would take.
      assert.ok(process.memoryUsage().rss - rssBefore < 50e6, `${name} took memory`)
      assert.ok(busy + system < 500_000, `${name} took ${busy + system} µs`)
    }
  }
  const { seq } = await alice.say(group, 'still here')
  await bob.until('event', ({ event }) => event.seq === seq)
})

test('whoever writes a client is told what was wrong with a message', async (context) => {
  const { connect, url } = await openTestServer(context)
  for (const [message, words] of [
    ['hello there', /^bad_frame: the message is not JSON/],
    ['{"a":1}', /^bad_frame: the message .*array/],
    ['x'.repeat(20_000), /^bad_frame: a message has at most 16384 bytes$/],
  ] as const) {
    const client = await connect('json')
    client.raw(message)
    const { code, reason } = await client.untilClosed()
    assert.equal(code, 4000)
    assert.match(reason, words)
  }
  const hint = await callHttp('GET', `${url}/v1/socket`)
  assert.match(hint.error?.message ?? '', /sub-protocol satchel\.v1/)
})

test('a message far beyond the limit ends the connection before it is read', async (context) => {
  const server = await openTestServer(context)
  const socket = await bare(server, 'mallory')
  socket.sendMessage(new Uint8Array(1_000_000))
  await eventually('the connection ends', () => socket.isEnded)
  assert.equal(socket.closeCode, undefined)
})

test('a message in fragments counts as a whole', async (context) => {
  const server = await openTestServer(context)
  const socket = await bare(server, 'mallory')
  const fragment = new Uint8Array(9_000).fill(0xc0)
  socket.tcp.write(webSocketFrame(0x02, fragment))
  socket.tcp.write(webSocketFrame(0x80, fragment))
  await eventually('the socket is closed', () => socket.isEnded)
  assert.equal(socket.closeCode, 4000)
})

test('a flood of pings, or of anything, closes the socket', async (context) => {
  const server = await openTestServer(context)
  for (const firstByte of [0x89, 0x82]) {
    const socket = await bare(server, 'mallory')
    const one = webSocketFrame(
      firstByte,
      firstByte === 0x89 ? new Uint8Array(0) : bytes([0x91, 63]),
    )
    socket.tcp.write(Buffer.concat(Array.from({ length: 5_000 }, () => one)))
    await eventually('the socket is closed', () => socket.isEnded)
    assert.equal(socket.closeCode, 4007)
  }
})

test('frames before hello are refused, and whoever says nothing is closed', async (context) => {
  const server = await openTestServer(context, { times: { helloDeadlineMs: 500 } })
  const socket = await bare(server)
  socket.send({ type: 'people', requestId: 7, prefix: '' })
  const refused = await eventually('an answer', () => socket.frames[0])
  assert.ok(refused.type === 'error' && refused.requestId === 7)
  assert.equal(refused.code, 'unauthenticated')
  await eventually('the socket is closed', () => socket.isEnded)
  assert.equal(socket.closeCode, 4001)
})

test('sockets that say nothing are bounded, and leave room for others when they are gone', async (context) => {
  const server = await openTestServer(context, {
    environment: { SATCHEL_MAX_UNAUTHENTICATED: '50' },
    times: { helloDeadlineMs: 1_000 },
  })
  const silent = await Promise.all(Array.from({ length: 50 }, () => bare(server)))
  await assert.rejects(bare(server), /429.*too_many_sessions/s)
  await eventually('they are closed', () => silent.every((socket) => socket.isEnded))
  await bare(server, 'alice')
})

test('an upgrade without our sub-protocol, or from a foreign page, is refused with a code', async (context) => {
  const server = await openTestServer(context)
  const upgrade = (headers: Record<string, string>): Promise<string> => upgradeWith(server, headers)
  assert.match(await upgrade({ 'Sec-WebSocket-Protocol': 'chat' }), /^HTTP\/1.1 400.*bad_request/s)
  const protocol = { 'Sec-WebSocket-Protocol': 'satchel.v1' }
  assert.match(await upgrade({ ...protocol, Origin: 'https://evil.example' }), /403.*forbidden/s)
  assert.match(await upgrade({ ...protocol, Origin: 'http://localhost' }), /^HTTP\/1.1 101/)
})

test('an address behind a trusted proxy has its own allowance, and only there', async (context) => {
  const server = await openTestServer(context, {
    environment: { SATCHEL_TRUSTED_PROXIES: '127.0.0.0/8', SATCHEL_CONNECTS_PER_ADDRESS: '1' },
  })
  const from = (address: string): Promise<string> =>
    upgradeWith(server, {
      'Sec-WebSocket-Protocol': 'satchel.v1',
      'X-Forwarded-For': `203.0.113.99, ${address}`,
    })
  const answers = await Promise.all(Array.from({ length: 20 }, () => from('198.51.100.7')))
  assert.equal(answers.filter((answer) => answer.includes('too_many_sessions')).length, 10)
  assert.match(await from('198.51.100.8'), /^HTTP\/1.1 101/)
  // A proxy that adds a line of its own leaves the client's line above it.
  const inLines = await upgradeWith(server, {
    'Sec-WebSocket-Protocol': 'satchel.v1',
    'X-Forwarded-For': '203.0.113.98\r\nX-Forwarded-For: 198.51.100.7',
  })
  assert.match(inLines, /too_many_sessions/)
})

async function upgradeWith(
  server: TestServer,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const tcp = connect(server.port, '127.0.0.1')
  await once(tcp, 'connect')
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  tcp.write(
    [
      'GET /v1/socket HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      ...lines,
      '\r\n',
    ].join('\r\n'),
  )
  const chunks: unknown[] = await once(tcp, 'data')
  tcp.destroy()
  return String(chunks[0])
}
