import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import {
  ChatClient,
  createMemoryStorage,
  type OutboxStorage,
  type StoredEntry,
} from '@satchel/client'
import type { ConversationId } from '@satchel/protocol'
import { eventually } from './eventually.ts'
import type { SocketClient } from './socket-client.ts'
import { openTestServer, userIdOf, type TestServer } from './test-server.ts'

const unlimited = { environment: { SATCHEL_LIMITS: 'off' } }
const DEVICES = 5
const EACH = 40

/** What was said in a conversation, in order, from a fresh session's reading. */
async function saidIn(server: TestServer, conversationId: ConversationId): Promise<string[]> {
  const reader = await server.signIn('alice')
  const texts: string[] = []
  for (let after = 0; ;) {
    const { events, more } = await reader.request('history', { conversationId, after, limit: 100 })
    for (const { content } of events)
      if (content.kind === 'message_sent') texts.push(content.body.text ?? '')
    after = events.at(-1)?.seq ?? after
    if (!more) return texts
  }
}

test('five devices of one user send at once: nothing is lost, doubled or out of a device’s order', async (context) => {
  const server = await openTestServer(context, unlimited)
  const devices: SocketClient[] = []
  for (let n = 0; n < DEVICES; n++) devices.push(await server.signIn('alice'))
  const group = await devices[0]!.group(userIdOf('bob'))
  const bob = await server.signIn('bob')
  const numbers = Array.from({ length: EACH }, (_, index) => index)
  await Promise.all(
    devices.map((device, d) => Promise.all(numbers.map((n) => device.say(group, `${d}:${n}`)))),
  )
  const last = 1 + DEVICES * EACH
  for (const client of [...devices, bob]) {
    await client.until('event', ({ event }) => event.seq === last)
    const from = client.seqs(group)[0] ?? 0
    assert.deepEqual(
      client.seqs(group),
      Array.from({ length: last - from + 1 }, (_, index) => from + index),
    )
  }
  const said = await saidIn(server, group)
  assert.equal(said.length, DEVICES * EACH)
  devices.forEach((_, d) => {
    const own = said.filter((text) => text.startsWith(`${d}:`))
    assert.deepEqual(
      own,
      numbers.map((n) => `${d}:${n}`),
    )
  })
})

test('two tabs that share a device id both send, and both hear everything', async (context) => {
  const server = await openTestServer(context, unlimited)
  const tabs = [await openTab(context, server), await openTab(context, server)]
  const [first, second] = tabs
  const trip = await first!.createConversation({ kind: 'group', memberIds: ['bob'] })
  const id = trip.id
  assert.ok(id)
  const heard = tabs.map((tab) => {
    const seqs: number[] = []
    tab.conversation(id).on('event', ({ seq }) => seqs.push(seq))
    return seqs
  })
  await eventually('the second tab knows it', () => second!.inbox.get(id) !== undefined)
  const numbers = Array.from({ length: 20 }, (_, index) => index)
  await Promise.all(
    tabs.flatMap((tab, t) => numbers.map((n) => tab.conversation(id).send(`${t}:${n}`))),
  )
  await eventually('both heard the last', () => heard.every((seqs) => seqs.at(-1) === 41))
  for (const seqs of heard) assert.equal(new Set(seqs).size, seqs.length)
  const said = await saidIn(server, id)
  assert.equal(new Set(said).size, 40)
  for (const t of [0, 1]) {
    assert.deepEqual(
      said.filter((text) => text.startsWith(`${t}:`)),
      numbers.map((n) => `${t}:${n}`),
    )
  }
})

test('a device restored from a backup repeats nothing and swallows nothing', async (context) => {
  const server = await openTestServer(context, unlimited)
  const { storage, states } = recordingStorage()
  const original = await openTab(context, server, storage)
  const trip = await original.createConversation({ kind: 'group', memberIds: ['bob'] })
  const id = trip.id
  assert.ok(id)
  for (const text of ['one', 'two', 'three', 'four']) await trip.send(text)
  original.close()
  // As it was while each of these was on its way: what came after that is unknown to it.
  const backups = states.filter((entries) => /one|two|three|four/.test(JSON.stringify(entries)))
  assert.equal(backups.length, 4)
  for (const [n, backup] of backups.entries()) {
    const restored = await openTab(context, server, await storageOf(backup))
    const again = restored.conversation(id)
    await again.send(`new ${n}`)
    await again.send(`newer ${n}`)
    restored.close()
  }
  const news = backups.flatMap((_, n) => [`new ${n}`, `newer ${n}`])
  assert.deepEqual(await saidIn(server, id), ['one', 'two', 'three', 'four', ...news])
})

async function openTab(
  context: TestContext,
  server: TestServer,
  storage: OutboxStorage = createMemoryStorage(),
): Promise<ChatClient> {
  const client = new ChatClient({
    url: `ws://127.0.0.1:${server.port}/v1/socket`,
    getToken: () => server.tokenOf('alice'),
    deviceId: 'the-one-device',
    storage,
  })
  context.after(() => client.close())
  await client.connect()
  return client
}

/** Remembers what was stored after each change. */
function recordingStorage() {
  const inner = createMemoryStorage()
  const states: (readonly StoredEntry[])[] = []
  const storage: OutboxStorage = {
    ...inner,
    async put(entries) {
      await inner.put(entries)
      states.push(structuredClone(await inner.acquire()))
    },
  }
  return { storage, states }
}

async function storageOf(entries: readonly StoredEntry[]): Promise<OutboxStorage> {
  const storage = createMemoryStorage()
  await storage.put(entries)
  return storage
}
