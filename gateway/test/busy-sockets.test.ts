import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { BareSocket } from './bare-socket.ts'
import { eventually } from './eventually.ts'
import { openTestServer, userIdOf } from './test-server.ts'

const MANY = 100
const ENOUGH = 5_000

/** Alice says one thing after the other to Bob, each answered before the next, until `isDone` or for so long. */
async function talk(
  context: TestContext,
  environment: Readonly<Record<string, string>>,
  isDone: (bob: BareSocket, said: number) => boolean,
): Promise<BareSocket> {
  const server = await openTestServer(context, {
    environment: { SATCHEL_LIMITS: 'off', ...environment },
  })
  const alice = await server.signIn('alice')
  const group = await alice.group(userIdOf('bob'))
  const bob = await BareSocket.open(server.port)
  context.after(() => bob.tcp.destroy())
  await bob.hello(await server.tokenOf('bob'))
  let last = 0
  for (let said = 1; said <= ENOUGH; said++) {
    last = (await alice.say(group, `${said}`)).seq ?? last
    if (isDone(bob, said)) break
  }
  const events = () => bob.of('event').map(({ event }) => event.seq)
  await eventually('all has come', () => events().includes(last))
  const first = events()[0] ?? 0
  assert.deepEqual(
    events(),
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  )
  return bob
}

test('who is told very much gets several events at once, all of them, in order', async (context) => {
  const bob = await talk(context, {}, ({ eventCounts }) => eventCounts.some((count) => count > 1))
  assert.ok(Math.max(...bob.eventCounts) > 1)
})

test('unless the operator wants each of them to leave when it comes', async (context) => {
  const environment = { SATCHEL_BUSY_SOCKET_MS: '0' }
  const bob = await talk(context, environment, (_, said) => said === MANY)
  assert.equal(Math.max(...bob.eventCounts), 1)
})
