import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ChatClient } from '@satchel/client'
import { ChatError } from '@satchel/protocol'
import { BareSocket } from './bare-socket.ts'
import { eventually } from './eventually.ts'
import { openTestCluster } from './test-cluster.ts'
import { openTestServer, userIdOf } from './test-server.ts'

test('whoever is asked to go may go at a moment of their own', async (context) => {
  const server = await openTestServer(context, { environment: { SATCHEL_DRAIN_MS: '1000' } })
  const clients = await Promise.all(
    Array.from({ length: 10 }, (_, n) => server.signIn(`user-${n}`)),
  )
  const leaving = server.server.drain()
  const delays = await Promise.all(
    clients.map(async (client) => (await client.until('goaway')).delayMs),
  )
  assert.deepEqual(
    delays.toSorted((left, right) => left - right),
    Array.from({ length: 10 }, (_, index) => index * 100),
  )
  for (const client of clients) client.close()
  await leaving
})

test('no new socket is taken, and who stays is closed so that it may come back', async (context) => {
  const server = await openTestServer(context, { environment: { SATCHEL_DRAIN_MS: '300' } })
  const stranger = await BareSocket.open(server.port)
  const alice = await server.signIn('alice')
  const leaving = server.server.drain()
  await alice.until('goaway')
  await assert.rejects(BareSocket.open(server.port), { code: 'ECONNREFUSED' })
  assert.deepEqual(await alice.untilClosed(), { code: 4006, reason: 'draining' })
  await leaving
  assert.equal(stranger.closeCode, 4006)
})

test('sends in flight while the server leaves are all answered, and none is lost', async (context) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'satchel-gateway-'))
  context.after(() => rm(dataDir, { recursive: true, force: true }))
  const environment = { SATCHEL_DRAIN_MS: '300', SATCHEL_LIMITS: 'off' }
  const server = await openTestServer(context, { dataDir, environment })
  const alice = await server.signIn('alice')
  const group = await alice.group(userIdOf('bob'))
  const outcomes: string[] = []
  const talking = (async () => {
    while (alice.isOpen) {
      const said = await Promise.allSettled(
        Array.from({ length: 10 }, () => alice.say(group, 'on the way out')),
      )
      for (const outcome of said) {
        if (outcome.status === 'fulfilled') outcomes.push('answered')
        else if (outcome.reason instanceof ChatError) outcomes.push(outcome.reason.message)
      }
    }
  })()
  await server.server.drain()
  await talking
  const answered = outcomes.filter((outcome) => outcome === 'answered').length
  assert.ok(answered > 10)
  // Nothing was sent by then but to a server that said it was going, or into a closed socket.
  const unknown = outcomes.filter(
    (outcome) => outcome !== 'answered' && !outcome.includes('going away'),
  )
  assert.ok(unknown.length <= 10 && unknown.every((outcome) => outcome.includes('4006')))

  const again = await openTestServer(context, { dataDir, environment })
  const { head } = await (await again.signIn('alice')).request('history', { conversationId: group })
  assert.ok(head.seq >= answered + 1 && head.seq <= answered + 1 + unknown.length)
})

test('commands whose answers take seconds are waited for, and no outcome stays unknown', async (context) => {
  const environment = { SATCHEL_DRAIN_MS: '300', SATCHEL_LIMITS: 'off' }
  const { one, other } = await openTestCluster(context, { environment })
  const clients = await Promise.all(
    Array.from({ length: 20 }, (_, index) => one.signIn(`user-${index}`)),
  )
  const groups = await Promise.all(clients.map((client) => client.group(userIdOf('bob'))))
  one.weather.delayOf = ({ type }) => (type === 'answer' ? 2_000 : 0)
  const outcomes = clients.map(async (client, index) => {
    const answers: Promise<unknown>[] = []
    // As a client does that is asked to go: it says no more, and leaves with its answers.
    while (client.of('goaway').length === 0) {
      answers.push(client.say(groups[index]!, 'on the way out'))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const settled = await Promise.allSettled(answers)
    client.close()
    return settled
  })
  await one.gateway.drain()
  const settled = (await Promise.all(outcomes)).flat()
  assert.ok(settled.length >= 20)
  assert.deepEqual(
    settled.filter(({ status }) => status === 'rejected'),
    [],
  )
  const bob = await other.signIn('bob')
  const { conversations } = await bob.request('inbox', {})
  const messages = conversations.reduce((sum, { head }) => sum + head.ordinal, 0)
  assert.equal(messages, settled.length)
})

test('a client library that is asked to go takes what has no answer along', async (context) => {
  const { one, other } = await openTestCluster(context)
  one.weather.delayOf = ({ type }) => (type === 'answer' ? 1_000 : 0)
  const gateways = [one, other]
  const chat = new ChatClient({
    url: one.socketUrl,
    getToken: () => one.tokenOf('alice'),
    // The second time it comes somewhere else, as behind a load balancer.
    openWebSocket: (_url, protocol) => new WebSocket(gateways.shift()?.socketUrl ?? '', protocol),
  })
  context.after(() => chat.close())
  await chat.connect()
  const trip = await chat.createConversation({ kind: 'group', memberIds: ['bob'] })
  const texts = Array.from({ length: 40 }, (_, index) => `number ${index}`)
  const sending = texts.map((text) => trip.send({ text }))
  await one.gateway.drain()
  const sent = await Promise.all(sending)
  assert.deepEqual(
    sent.map(({ seq }) => seq),
    texts.map((_, index) => index + 2),
  )
})

test('whoever stops when asked to go has an answer to everything', async (context) => {
  const environment = { SATCHEL_DRAIN_MS: '300', SATCHEL_LIMITS: 'off' }
  const server = await openTestServer(context, { environment })
  const clients = await Promise.all(
    Array.from({ length: 10 }, (_, n) => server.signIn(`user-${n}`)),
  )
  const talks = clients.map(async (client) => {
    const group = await client.group(userIdOf('bob'))
    const sends: Promise<unknown>[] = []
    while (client.of('goaway').length === 0) {
      sends.push(...Array.from({ length: 5 }, () => client.say(group, 'on the way out')))
      await sends.at(-1)
    }
    const outcomes = await Promise.allSettled(sends)
    client.close()
    return outcomes
  })
  await eventually('everybody talks', () => clients.every((client) => client.pushed.length > 20))
  await server.server.drain()
  const outcomes = (await Promise.all(talks)).flat()
  assert.deepEqual(
    outcomes.filter(({ status }) => status !== 'fulfilled'),
    [],
  )
})

test('two servers never share a port, nor a data folder', async (context) => {
  const server = await openTestServer(context)
  const port = String(server.port)
  await assert.rejects(
    openTestServer(context, { environment: { SATCHEL_PORT: port } }),
    /Cannot listen on 127.0.0.1/,
  )
  await assert.rejects(openTestServer(context, { dataDir: server.dataDir }), /is in use by process/)
  await server.signIn('alice')
})

test('a data folder that cannot be one is named', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-gateway-'))
  context.after(() => rm(folder, { recursive: true }))
  const dataDir = join(folder, 'file')
  await writeFile(dataDir, 'a file')
  await assert.rejects(openTestServer(context, { dataDir }), {
    name: 'ChatError',
    message: /^The data folder cannot be used: ENOTDIR.*file/,
  })
})
