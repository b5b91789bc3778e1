import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryStorage } from '../src/index.ts'
import type { OutboxStorage, StoredEntry } from '../src/index.ts'
import { createTestBench } from './support/test-bench.ts'

test('commands without an answer go on after a reload, in order, once', async () => {
  const { client, clock, network, server, group } = createTestBench()
  const { id, applied } = group(['alice', 'bob'])
  const storage = createMemoryStorage()
  const before = client('alice', { storage })
  await before.connect()
  const trip = before.conversation(id)
  await trip.send('answered')
  // Applied, the answer lost; then two that never leave.
  server.judge = () => ({ kind: 'lose' })
  server.onLive = () => undefined
  const lost = [trip.send('answer lost')]
  await clock.settle()
  network.isDown = true
  network.cutAll()
  await clock.settle()
  lost.push(trip.send('never left'), trip.edit(2, { text: 'edited before the reload' }))
  await clock.settle()
  const rejected = lost.map((promise) => assert.rejects(promise, { code: 'unavailable' }))
  before.close()
  await Promise.all(rejected)

  network.isDown = false
  server.judge = () => ({ kind: 'apply' })
  server.onLive = (_, send) => {
    send()
  }
  const after = client('alice', { storage })
  await clock.until(after.connect())
  await clock.settle()
  const again = after.conversation(id)
  const own = again.send('after the reload')
  await again.history()
  assert.equal((await own).seq, 6)
  await clock.settle()
  assert.deepEqual(
    again.messages.map(({ text, local }) => [text, local]),
    [
      ['edited before the reload', undefined],
      ['answer lost', undefined],
      ['never left', undefined],
      ['after the reload', undefined],
    ],
  )
  assert.deepEqual(
    applied.map((key) => key.split('.')[1]),
    ['1', '2', '3', '4', '5'],
  )
  assert.equal(new Set(applied.map((key) => key.split('.')[0])).size, 1, 'the outbox goes on')
  assert.equal(await countCommands(storage), 0, 'nothing answered is kept')
  after.close()
})

test('messages of an earlier page are shown as pending until they have arrived', async () => {
  const { client, clock, network, server, group } = createTestBench()
  const { id } = group(['alice', 'bob'])
  const storage = createMemoryStorage()
  const before = client('alice', { storage })
  await before.connect()
  network.isDown = true
  network.cutAll()
  await clock.settle()
  const unsent = before.conversation(id).send('never left')
  await clock.settle()
  unsent.catch(() => undefined)
  before.close()
  network.isDown = false
  server.judge = () => ({ kind: 'accept' })
  server.onLive = () => undefined
  const after = client('alice', { storage })
  await clock.until(after.connect())
  await clock.settle()
  assert.deepEqual(
    after.conversation(id).messages.map(({ text, local }) => [text, local?.state]),
    [['never left', 'pending']],
  )
  after.close()
})

test('a message of an earlier page that had arrived before is shown where it belongs', async () => {
  const { client, clock, network, server, group } = createTestBench()
  const { id } = group(['alice', 'bob'], 5)
  const storage = createMemoryStorage()
  const before = client('alice', { storage })
  await before.connect()
  server.judge = () => ({ kind: 'lose' })
  server.onLive = () => undefined
  before
    .conversation(id)
    .send('answer lost')
    .catch(() => undefined)
  await clock.settle()
  network.cutAll()
  before.close()
  server.judge = () => ({ kind: 'apply' })
  const after = client('alice', { storage })
  await clock.until(after.connect())
  await clock.settle()
  assert.deepEqual(
    after.conversation(id).messages.map(({ text, seq, local }) => [text, seq, local]),
    [['answer lost', 7, undefined]],
  )
  after.close()
})

test('what one user left behind is not sent by the next, and is still there for the first', async () => {
  const { client, clock, network, server, group } = createTestBench()
  const { id } = group(['alice', 'carol'])
  const storage = createMemoryStorage()
  const alice = client('alice', { storage })
  await alice.connect()
  network.isDown = true
  network.cutAll()
  await clock.settle()
  const unsent = alice.conversation(id).send("alice's words")
  unsent.catch(() => undefined)
  await clock.settle()
  alice.close()
  network.isDown = false
  const carol = client('carol', { storage })
  await clock.until(carol.connect())
  await clock.advance(60_000)
  assert.equal(server.conversation(id).seq, 1)
  carol.close()
  const again = client('alice', { storage })
  await clock.until(again.connect())
  await clock.settle()
  assert.equal(server.conversation(id).seq, 2)
  assert.equal(server.conversation(id).events.at(-1)?.authorId, 'alice')
  again.close()
})

/** One storage for two tabs: whoever comes second owns it when the first is closed. */
function sharedStorage(): () => OutboxStorage {
  const shared = createMemoryStorage()
  let owner: object | undefined
  const queue: (() => void)[] = []
  return () => {
    const tab = {}
    const own = (): Promise<void> =>
      new Promise((resolve) => {
        if (owner === undefined || owner === tab) {
          owner = tab
          resolve()
        } else {
          queue.push(() => {
            owner = tab
            resolve()
          })
        }
      })
    return {
      acquire: async () => {
        await own()
        return await shared.acquire()
      },
      put: (entries) => shared.put(entries),
      remove: (keys) => shared.remove(keys),
      close: () => {
        if (owner !== tab) return
        owner = undefined
        queue.shift()?.()
      },
    }
  }
}

test('two tabs of one device send side by side, and the second takes over what the first leaves', async () => {
  const { client, clock, network, server, group } = createTestBench()
  const { id, applied } = group(['alice', 'bob'])
  const openStorage = sharedStorage()
  const first = client('alice', { storage: openStorage() })
  const second = client('alice', { storage: openStorage() })
  await clock.until(first.connect())
  await clock.until(second.connect())
  const sends = [1, 2, 3].flatMap((n) => [
    first.conversation(id).send(`first ${String(n)}`),
    second.conversation(id).send(`second ${String(n)}`),
  ])
  await clock.until(Promise.all(sends))
  assert.equal(server.conversation(id).seq, 7)
  assert.equal(new Set(applied.map((key) => key.split('.')[0])).size, 2, 'each has its own outbox')

  network.isDown = true
  network.cutAll()
  await clock.settle()
  const left = first.conversation(id).send('left behind')
  left.catch(() => undefined)
  await clock.settle()
  first.close()
  network.isDown = false
  await clock.advance(5_000)
  const texts = server
    .conversation(id)
    .events.flatMap(({ content }) => (content.kind === 'message_sent' ? [content.body.text] : []))
  assert.equal(texts.filter((text) => text === 'left behind').length, 1)
  assert.equal((await second.conversation(id).send('goes on')).seq, 9)
  second.close()
})

test('what a tab could not send before it owned the storage is stored once it does', async () => {
  const { client, clock, network, server, group } = createTestBench()
  const { id } = group(['alice', 'bob'])
  const openStorage = sharedStorage()
  const first = client('alice', { storage: openStorage() })
  const second = client('alice', { storage: openStorage() })
  await clock.until(first.connect())
  await clock.until(second.connect())
  await clock.advance(1_000)
  network.isDown = true
  network.cutAll()
  await clock.settle()
  second
    .conversation(id)
    .send('written before')
    .catch(() => undefined)
  await clock.settle()
  first.close()
  await clock.settle()
  second.close()
  network.isDown = false
  const third = client('alice', { storage: openStorage() })
  await clock.until(third.connect())
  await clock.settle()
  assert.equal(server.conversation(id).seq, 2)
  third.close()
})

test('a storage that nobody gives up holds the connection up for no more than half a second', async () => {
  const { client, clock, group } = createTestBench()
  const { id } = group(['alice', 'bob'])
  const storage = { ...createMemoryStorage(), acquire: () => new Promise<never>(() => undefined) }
  const alice = client('alice', { storage })
  await alice.connect()
  let isSent = false
  const sending = alice
    .conversation(id)
    .send('Hello')
    .then(() => {
      isSent = true
    })
  await clock.advance(499)
  assert.equal(isSent, false)
  await clock.advance(1)
  await sending
  alice.close()
})

test('entries that cannot be read are left alone', async () => {
  const { client, clock, group } = createTestBench()
  const { id } = group(['alice', 'bob'])
  const storage = createMemoryStorage()
  const strange: StoredEntry[] = [
    { key: 'outbox/no-id', value: {} },
    { key: 'outbox/AAAAAAA', value: { userId: 'alice', target: { to: '' } } },
    { key: 'command/AAAAAAA/1', value: { command: '{', queuedAtMs: 1 } },
    { key: 'upload/short', value: 'text' },
    { key: 'somebody-else', value: null },
  ]
  await storage.put(strange)
  const alice = client('alice', { storage })
  await clock.until(alice.connect())
  assert.deepEqual(await alice.pendingUploads(), [])
  assert.equal((await alice.conversation(id).send('Hello')).seq, 2)
  alice.close()
})

async function countCommands(storage: OutboxStorage): Promise<number> {
  return (await storage.acquire()).filter(({ key }) => key.startsWith('command/')).length
}
