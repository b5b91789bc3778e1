import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BareSocket } from './bare-socket.ts'
import { eventually } from './eventually.ts'
import type { SocketClient } from './socket-client.ts'
import { startServerChild } from './support/server-child.ts'
import { openTestServer, userIdOf } from './test-server.ts'

const SESSIONS = 200

async function pass(ms: number): Promise<void> {
  const end = performance.now() + ms
  await eventually(`${ms} ms pass`, () => performance.now() > end, ms + 20_000)
}

test('a process that stands still for two seconds closes nobody for it', async (context) => {
  const child = await startServerChild(context)
  const sessions: SocketClient[] = []
  for (let n = 0; n < SESSIONS; n++) sessions.push(await child.signIn(`user-${n}`))
  const [alice, bob] = [await child.signIn('alice'), await child.signIn('bob')]
  const group = await alice.group(userIdOf('bob'))

  child.server.pause()
  const said = alice.say(group, 'into the silence')
  await pass(2_000)
  child.server.resume()

  const { seq } = await said
  await bob.until('event', ({ event }) => event.seq === seq)
  // Two looks at everybody's time have passed when this is answered.
  await pass(2_500)
  await alice.say(group, 'all there?')
  assert.deepEqual(
    sessions.filter(({ closed }) => closed !== undefined),
    [],
  )
})

test('who said hello while the process stood still is heard before the clock is looked at', async (context) => {
  const server = await openTestServer(context, { times: { helloDeadlineMs: 500 } })
  const stranger = await BareSocket.open(server.port)
  context.after(() => stranger.tcp.destroy())
  const token = await server.tokenOf('alice')
  const greeting = stranger.hello(token)
  // Timers that have become due come before anything is read.
  standStill(3_000)
  await greeting
  assert.equal(stranger.isEnded, false)
})

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
