import assert from 'node:assert/strict'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { openTcpProxy } from '../services/tcp-proxy.mjs'
import { eventually } from '../../chat-core/test/support/eventually.ts'

/** A server that repeats what it is told, the proxy before it, and a client of the proxy. */
async function stage(test: TestContext) {
  const atServer: string[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.on('end', () => socket.end())
    socket.on('data', (chunk) => {
      atServer.push(chunk.toString())
      socket.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const proxy = await openTcpProxy(`echo://127.0.0.1:${port}`)
  test.after(async () => {
    await proxy.close()
    await new Promise((resolve) => server.close(resolve))
  })
  return { proxy, atServer, connect: () => connectTo(test, proxy.address) }
}

interface Client {
  readonly socket: Socket
  readonly received: () => string
  readonly closed: Promise<unknown>
}

async function connectTo(test: TestContext, address: string): Promise<Client> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1')
  let received = ''
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => (received += chunk.toString()))
  test.after(() => {
    socket.destroy()
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed])
  return { socket, received: () => received, closed }
}

test('passes bytes both ways, and the end of a connection', async (t) => {
  const { proxy, connect } = await stage(t)
  assert.match(proxy.address, /^echo:\/\/127\.0\.0\.1:\d+$/)
  const { socket, received } = await connect()
  const big = 'x'.repeat(5_000_000)
  socket.end(big)
  await eventually(() => assert.equal(received().length, big.length))
  await eventually(() => assert.equal(proxy.connections, 0))
})

test('delays one direction, in order', async (t) => {
  const { proxy, connect } = await stage(t)
  const { socket, received } = await connect()
  proxy.delay('to_client', 100)
  const startMs = performance.now()
  for (const letter of 'abc') socket.write(letter)
  await eventually(() => assert.equal(received(), 'abc'))
  assert.ok(performance.now() - startMs >= 100)
})

test('slows one direction down to so many bytes a second, and is as before when healed', async (t) => {
  const { proxy, connect } = await stage(t)
  const { socket, received } = await connect()
  proxy.slow('to_client', 10_000)
  const startMs = performance.now()
  socket.write('x'.repeat(2_000))
  await eventually(() => assert.equal(received().length, 2_000))
  assert.ok(performance.now() - startMs >= 190)
  proxy.slow('to_client', 1)
  socket.write('y')
  socket.write('z'.repeat(100_000))
  proxy.heal()
  await eventually(() => assert.equal(received().length, 102_001))
})

test('what was lost ends its connection when healed, and new ones go on', async (t) => {
  const { proxy, atServer, connect } = await stage(t)
  const { socket, closed } = await connect()
  proxy.swallow('to_server')
  socket.write('lost')
  await turns(20)
  proxy.heal()
  await closed
  const again = await connect()
  again.socket.write('kept')
  await eventually(() => assert.equal(again.received(), 'kept'))
  assert.deepEqual(atServer, ['kept'])
})

test('holds one direction back, on new connections as well, until it is released', async (t) => {
  const { proxy, atServer, connect } = await stage(t)
  const old = await connect()
  proxy.hold('to_client')
  const young = await connect()
  old.socket.write('old')
  young.socket.write('young')
  await eventually(() => assert.deepEqual(atServer.toSorted(), ['old', 'young']))
  await eventually(() => assert.equal(proxy.waitingBytes('to_client'), 'oldyoung'.length))
  assert.deepEqual([old.received(), young.received()], ['', ''])
  proxy.release('to_client')
  await eventually(() => assert.deepEqual([old.received(), young.received()], ['old', 'young']))
  assert.equal(proxy.waitingBytes('to_client'), 0)
})

test('a sender is slowed down by what is held', async (t) => {
  const { proxy, connect } = await stage(t)
  const { socket, received } = await connect()
  proxy.hold('to_server')
  const much = 'x'.repeat(20_000_000)
  socket.write(much)
  await turns(1_000)
  assert.ok(socket.writableLength > 0)
  proxy.release('to_server')
  await eventually(() => assert.equal(received().length, much.length))
})

test('swallows one direction until the connection is cut', async (t) => {
  const { proxy, atServer, connect } = await stage(t)
  const { socket, received, closed } = await connect()
  proxy.swallow('to_client')
  socket.write('lost')
  await eventually(() => assert.deepEqual(atServer, ['lost']))
  proxy.cut()
  await closed
  assert.equal(received(), '')
  const next = await connect()
  next.socket.write('again')
  await eventually(() => assert.equal(next.received(), 'again'))
})

test('turns connections away until it accepts them again', async (t) => {
  const { proxy, connect } = await stage(t)
  const old = await connect()
  proxy.refuse()
  const turnedAway = await connect()
  await turnedAway.closed
  old.socket.write('still here')
  await eventually(() => assert.equal(old.received(), 'still here'))
  proxy.accept()
  const young = await connect()
  young.socket.write('welcome')
  await eventually(() => assert.equal(young.received(), 'welcome'))
})

test('a server that is not there ends the connection', async (t) => {
  const proxy = await openTcpProxy('127.0.0.1:1')
  t.after(() => proxy.close())
  assert.match(proxy.address, /^127\.0\.0\.1:\d+$/)
  const { closed } = await connectTo(t, `tcp://${proxy.address}`)
  await closed
})

/** Lets the loop turn, for what must not happen meanwhile. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
