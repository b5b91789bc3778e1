import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BareSocket } from './bare-socket.ts'
import { eventually } from './eventually.ts'
import { holdComparing, holdGreeting } from './support/held-greeting.ts'
import { openTestCluster } from './test-cluster.ts'
import { userIdOf } from './test-server.ts'

const bob = userIdOf('bob')

test('of a conversation that began while a session was greeted its client is told where it stands', async (context) => {
  const greeting = holdGreeting(context, bob)
  const { one } = await openTestCluster(context, {
    gateways: 1,
    wrapBackend: greeting.wrapBackend,
  })
  const alice = await one.signIn('alice')
  const phone = await BareSocket.open(one.gateway.port)
  context.after(() => phone.tcp.destroy())
  const welcome = phone.hello(await one.tokenOf('bob'))
  await greeting.isGreeting
  // Its events get lost, and where it stands is announced seconds later.
  one.weather.loses = ({ type }) => type === 'events'
  let isAnnounced = false
  const group = await alice.group(bob)
  one.weather.loses = (message) => {
    if (message.type === 'head' && message.conversationId === group) isAnnounced = true
    return message.type === 'events'
  }
  await eventually('it is announced', () => isAnnounced)
  greeting.goOn()
  await welcome
  await eventually('the client is told', () => phone.of('heads').length > 0)
  assert.equal(phone.frames[0]?.type, 'result')
  const [told] = phone.of('heads')
  assert.deepEqual(
    told?.heads.map(({ conversationId, seq }) => [conversationId, seq]),
    [[group, 1]],
  )
  assert.deepEqual(phone.of('replayed'), [])
})

test('what is said while heads are compared follows, and only to whom named one is it said that all was sent', async (context) => {
  const comparing = holdComparing(context)
  const { one } = await openTestCluster(context, {
    gateways: 1,
    wrapBackend: comparing.wrapBackend,
  })
  const alice = await one.signIn('alice')
  const group = await alice.group(bob)
  await alice.say(group, 'before')
  const phone = await BareSocket.open(one.gateway.port)
  context.after(() => phone.tcp.destroy())
  comparing.begin()
  const welcome = phone.hello(await one.tokenOf('bob'))
  await comparing.isGreeting
  const { seq } = await alice.say(group, 'meanwhile')
  comparing.goOn()
  await welcome
  await eventually('it has caught up', () => phone.of('caught_up').length > 0)
  assert.deepEqual(
    phone.of('event').map(({ event }) => event.seq),
    [seq],
  )
  // It has not what was said before the welcome, unless it asks.
  assert.deepEqual(phone.of('replayed'), [])
})
