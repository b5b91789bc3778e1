import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type ConversationId } from '@satchel/protocol'
import { OUTBOUND_STEPS } from '../src/socket/outbound-flusher.ts'
import { BareSocket } from './bare-socket.ts'
import { eventually } from './eventually.ts'
import { callHttp } from './http-client.ts'
import type { SocketClient } from './socket-client.ts'
import { openTestServer, userIdOf, type TestServer } from './test-server.ts'

const unlimited = { SATCHEL_LIMITS: 'off' }
const bigText = 'x'.repeat(8_000)
const FLOOD_BATCHES = 150

/** Says so much that no buffer of the system takes it all; gives the last seq. */
async function flood(client: SocketClient, group: ConversationId, until: () => Promise<boolean>) {
  let last = 0
  for (let batch = 0; batch < FLOOD_BATCHES; batch++) {
    const said = await Promise.all(Array.from({ length: 15 }, () => client.say(group, bigText)))
    last = said.at(-1)?.seq ?? 0
    if (await until()) return last
  }
  // Whatever follows from 18 MB follows by itself: who floods on is closed for that.
  await eventually('the flood has its effect', until)
  return last
}

async function metric(server: TestServer, name: string): Promise<number> {
  const { body } = await callHttp('GET', `${server.url}/metrics`)
  const line = new RegExp(`^${name} (\\S+)$`, 'm').exec(String(body['text']))
  return Number(line?.[1] ?? 0)
}

/** Fails at the first hole. */
function assertContiguous(seqs: readonly number[], from: number): void {
  for (const [index, seq] of seqs.entries()) assert.equal(seq, from + index, `a hole at ${seq}`)
}

function seqsOf(socket: BareSocket): number[] {
  return socket.of('event').map(({ event }) => event.seq)
}

test('a reader that stalls in a flood sees no hole, bounds memory, and slows nobody', async (context) => {
  const server = await openTestServer(context, {
    environment: unlimited,
    outboundSteps: { ...OUTBOUND_STEPS, lagTimeoutMs: 60_000 },
  })
  const alice = await server.signIn('alice')
  const group = await alice.group(userIdOf('bob'), userIdOf('carol'))
  const carol = await server.signIn('carol')
  const bob = await BareSocket.open(server.port)
  context.after(() => bob.tcp.destroy())
  await bob.hello(await server.tokenOf('bob'))

  bob.tcp.pause()
  // Counted, not looked at: a system that finds room for a moment ends a lag before anybody sees it.
  const hasLagged = async (): Promise<boolean> =>
    (await metric(server, 'satchel_sessions_lagging_total')) > 0
  await flood(alice, group, hasLagged)
  // It goes on behind his back: none of it may pile up.
  let more = 20
  const last = await flood(alice, group, async () => --more === 0)
  assert.ok((await metric(server, 'satchel_outbound_waiting_bytes')) < OUTBOUND_STEPS.closeBytes)
  await carol.until('event', ({ event }) => event.seq === last)
  assertContiguous(carol.seqs(group), 2)

  bob.tcp.resume()
  await eventually('bob is told', () => bob.of('lagging').some(({ lagging }) => !lagging))
  const heads = await eventually('heads follow', () => bob.of('heads').at(-1))
  const before = seqsOf(bob)
  assertContiguous(before, 2)
  assert.ok((heads.heads[0]?.seq ?? 0) > (before.at(-1) ?? 0), 'they say that something is missing')
  assert.ok(before.length > 0 && before.length < last - 1, 'he has a part of it')

  // He pulls what he missed, and from there on everything comes by itself again.
  bob.frames.length = 0
  const at = before.at(-1) ?? 0
  bob.send({ type: 'catch_up', requestId: 2, conversationId: group, seq: at })
  const { seq: live = 0 } = await alice.say(group, 'after')
  if (last - at > LIMITS.replayEvents) {
    const gap = await eventually('the gap is told', () => bob.of('gap_too_large')[0])
    await eventually(
      'live again',
      () => seqsOf(bob).at(-1) === live || gap.head.seq === live,
      10_000,
    )
  } else {
    await eventually('live again', () => seqsOf(bob).at(-1) === live)
    assertContiguous(seqsOf(bob), at + 1)
  }
})

test('a reader that does not come back is closed, resumable, behind a prefix without holes', async (context) => {
  const server = await openTestServer(context, {
    environment: unlimited,
    // A lag that has begun never ends by itself, however much room the system finds later.
    outboundSteps: { ...OUTBOUND_STEPS, signalsStopBytes: -1, lagTimeoutMs: 100 },
  })
  const alice = await server.signIn('alice')
  const group = await alice.group(userIdOf('bob'))
  const bob = await BareSocket.open(server.port)
  context.after(() => bob.tcp.destroy())
  await bob.hello(await server.tokenOf('bob'))
  bob.tcp.pause()
  await flood(alice, group, async () => (await metric(server, 'satchel_sessions')) === 1)
  assert.equal(await metric(server, 'satchel_outbound_waiting_bytes'), 0)
  bob.tcp.resume()
  await eventually('the connection ends', () => bob.isEnded, 20_000)
  assert.equal(bob.closeCode, 4005)
  assertContiguous(seqsOf(bob), 2)
})

test('signals stop before events do', async (context) => {
  const server = await openTestServer(context, {
    environment: unlimited,
    // Everything that waits at all is too much for signals.
    outboundSteps: { ...OUTBOUND_STEPS, signalsStopBytes: -1 },
  })
  const [alice, bob] = [await server.signIn('alice'), await server.signIn('bob')]
  const group = await alice.group(userIdOf('bob'))
  await bob.until('event')
  alice.send({ type: 'activity', conversationId: group, activity: 'typing' })
  await alice.say(group, 'done typing')
  await bob.until('event', ({ event }) => event.seq === 2)
  assert.deepEqual(bob.of('activity'), [])
})
