import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { newConversationId } from '@satchel/protocol'
import {
  openEmbeddedStore,
  type EmbeddedStore,
  type EmbeddedStoreOptions,
} from '../../../src/adapters/embedded/embedded-store.ts'
import { writeJob } from '../../../src/adapters/embedded/job-rows.ts'
import { eventually } from '../../support/eventually.ts'

const run = promisify(execFile)

async function folderFor(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-store-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A file system of its own; where mounting is not allowed the test is skipped. */
async function smallDiskFor(context: TestContext, size: string): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])
  } catch {
    await rm(folder, { recursive: true })
    context.skip('mounting a small file system is not allowed here')
    return undefined
  }
  context.after(async () => {
    await run('umount', ['-l', folder])
    await rm(folder, { recursive: true })
  })
  return folder
}

function open(dataDir: string, options: Partial<EmbeddedStoreOptions> = {}) {
  return openEmbeddedStore({ dataDir, pid: process.pid, ...options })
}

function put(store: EmbeddedStore, key: string, value: string): Promise<void> {
  return store.write((transaction) => {
    transaction.put(store.databases.users, Buffer.from(key), Buffer.from(value))
  })
}

function get(store: EmbeddedStore, key: string): string | undefined {
  return store.databases.users.get(Buffer.from(key))?.toString()
}

test('a second opening of a folder is told which folder and which process has it', async (context) => {
  const folder = await folderFor(context)
  const store = await open(folder)
  await assert.rejects(open(folder), {
    code: 'unavailable',
    message: `The folder ${folder} is in use by process ${process.pid}`,
  })
  await store.close()
  await (await open(folder)).close()
})

test('what a killed process left of its lock keeps nobody out', async (context) => {
  const folder = await folderFor(context)
  const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
  await assert.rejects(run(process.execPath, ['-e', script, join(folder, 'lock')]))
  const stores = await Promise.allSettled([open(folder), open(folder), open(folder)])
  const opened = stores.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  assert.equal(opened.length, 1)
  await opened[0]?.close()
})

test('a holder that does not answer still holds', async (context) => {
  const folder = await folderFor(context)
  const server = createServer((socket) => socket.end()).listen(join(folder, 'lock'))
  await once(server, 'listening')
  context.after(() => server.close())
  await assert.rejects(open(folder), { code: 'unavailable', message: /does not answer/ })
})

test('a folder with a long name is locked too', async (context) => {
  const folder = join(await folderFor(context), 'x'.repeat(60), 'y'.repeat(60))
  await mkdir(folder, { recursive: true })
  const store = await open(folder)
  await assert.rejects(open(folder), { code: 'unavailable' })
  await store.close()
})

test('the generation grows by one with each opening', async (context) => {
  const folder = await folderFor(context)
  for (const expected of [1, 2, 3]) {
    const store = await open(folder)
    assert.equal(store.generation, expected)
    await store.close()
  }
})

test('a write that throws while it stages takes nobody else down', async (context) => {
  const store = await open(await folderFor(context))
  context.after(() => store.close())
  const failing = store.write((transaction) => {
    transaction.put(store.databases.users, Buffer.from('half'), Buffer.from('x'))
    throw new Error('changed my mind')
  })
  const others = [put(store, 'before', '1'), put(store, 'after', '2')]
  await assert.rejects(failing, { message: 'changed my mind' })
  await Promise.all(others)
  assert.deepEqual(
    ['before', 'half', 'after'].map((key) => get(store, key)),
    ['1', undefined, '2'],
  )
})

test('a write that is too large is refused alone', async (context) => {
  const store = await open(await folderFor(context))
  context.after(() => store.close())
  const large = put(store, 'large', 'x'.repeat(2 * 1024 * 1024))
  const others = [put(store, 'before', '1'), put(store, 'after', '2')]
  await assert.rejects(large, { code: 'too_large' })
  await Promise.all(others)
  assert.equal(get(store, 'large'), undefined)
})

test('more than the journal holds goes through it at once', async (context) => {
  const folder = await folderFor(context)
  const store = await open(folder)
  const value = 'x'.repeat(1_900_000)
  await Promise.all(Array.from({ length: 12 }, (_, n) => put(store, `large-${n}`, value)))
  await store.close()
  const reopened = await open(folder)
  context.after(() => reopened.close())
  for (let n = 0; n < 12; n++) assert.equal(get(reopened, `large-${n}`), value)
})

test('a write sees what others have staged before it in the same transaction', async (context) => {
  const store = await open(await folderFor(context))
  context.after(() => store.close())
  const key = Buffer.from('counter')
  const { users } = store.databases
  const count = () =>
    store.write((transaction) => {
      const before = Number(transaction.read(users, key)?.toString() ?? 0)
      transaction.put(users, key, Buffer.from(String(before + 1)))
    })
  await Promise.all(Array.from({ length: 50 }, count))
  await Promise.all(Array.from({ length: 50 }, count))
  assert.equal(get(store, 'counter'), '100')
})

test('jobs get numbers that grow over restarts, and who waits for them is called', async (context) => {
  const folder = await folderFor(context)
  const ids: number[] = []
  for (let round = 0; round < 2; round++) {
    const store = await open(folder)
    let calls = 0
    const unlisten = store.onJobsCommitted(() => calls++)
    await put(store, 'no', 'job')
    for (let job = 0; job < 3; job++) {
      await store.write((transaction) => {
        writeJob(transaction, {
          kind: 'delete_conversation',
          conversationId: newConversationId('group'),
        })
      })
    }
    await eventually(() => assert.equal(calls, 3))
    unlisten()
    const stored = Array.from(store.databases.jobs.getKeys(), (key) =>
      Number(key.readBigUInt64BE()),
    )
    assert.equal(stored.length, 3)
    ids.push(...stored)
    await store.write((transaction) => {
      for (const key of store.databases.jobs.getKeys())
        transaction.remove(store.databases.jobs, key)
    })
    await store.close()
  }
  assert.deepEqual(
    ids,
    [...new Set(ids)].toSorted((left, right) => left - right),
  )
})

test('a store that is as large as it may be refuses writes, keeps what it has, and goes on when it may grow', async (context) => {
  const folder = await folderFor(context)
  let limit = 600 * 1024
  const store = await open(folder, { limitBytes: () => limit })
  let written = 0
  const error = await fill(store, (count) => (written = count))
  assert.deepEqual(
    { code: error.code, retryable: error.retryable },
    { code: 'storage_full', retryable: true },
  )
  assert.ok(written > 10)
  const refused = put(store, 'refused', 'x'.repeat(4_000))
  await assert.rejects(refused, { code: 'storage_full' })
  limit *= 2
  await put(store, 'again', 'x')
  await store.close()
  const reopened = await open(folder)
  context.after(() => reopened.close())
  for (let n = 0; n < written; n++) assert.equal(get(reopened, `big-${n}`)?.length, 4_000)
  assert.equal(get(reopened, 'refused'), undefined)
  assert.equal(get(reopened, 'again'), 'x')
})

test('a full disk refuses writes, loses nothing, and is left without a restart', async (context) => {
  const folder = await smallDiskFor(context, '16m')
  if (folder === undefined) return
  const store = await open(folder)
  const ballast = join(folder, 'ballast')
  await writeFile(ballast, Buffer.alloc(2 * 1024 * 1024))
  let written = 0
  const error = await fill(store, (count) => (written = count))
  assert.equal(error.code, 'storage_full')
  assert.ok(written > 100)
  await assert.rejects(put(store, 'refused', 'x'), { code: 'storage_full' })
  assert.equal(get(store, `big-${written - 1}`)?.length, 4_000)
  await rm(ballast)
  await eventually(() => put(store, 'again', 'x'))
  await store.close()
  const reopened = await open(folder)
  for (let n = 0; n < written; n++) assert.equal(get(reopened, `big-${n}`)?.length, 4_000)
  assert.equal(get(reopened, 'refused'), undefined)
  assert.equal(get(reopened, 'again'), 'x')
  await reopened.close()
})

test('a process that ends while the disk is full finds everything at the next start', async (context) => {
  const folder = await smallDiskFor(context, '14m')
  if (folder === undefined) return
  const store = await open(folder)
  const ballast = join(folder, 'ballast')
  await writeFile(ballast, Buffer.alloc(2 * 1024 * 1024))
  let written = 0
  await fill(store, (count) => (written = count))
  await store.close()
  await assert.rejects(open(folder), { code: 'storage_full' })
  await rm(ballast)
  const reopened = await open(folder)
  for (let n = 0; n < written; n++) assert.equal(get(reopened, `big-${n}`)?.length, 4_000)
  await reopened.close()
})

test('what is on disk after a close is in LMDB alone', async (context) => {
  const folder = await folderFor(context)
  const store = await open(folder)
  await put(store, 'kept', 'x')
  await store.close()
  for (const file of ['journal-a', 'journal-b']) {
    const { length } = await readFile(join(folder, file))
    await writeFile(join(folder, file), Buffer.alloc(length))
  }
  const reopened = await open(folder)
  assert.equal(get(reopened, 'kept'), 'x')
  await reopened.close()
})

test('a turn comes when what is written then is the next to be committed', async (context) => {
  const store = await open(await folderFor(context))
  const order: string[] = []
  await store.turn()
  const first = put(store, 'first', '1').then(() => order.push('first'))
  const turn = store.turn().then(() => order.push('turn'))
  await Promise.all([first, turn])
  assert.deepEqual(order, ['first', 'turn'])
  await put(store, 'second', '2')
  assert.equal(get(store, 'second'), '2')
  await store.close()
})

test('whoever waits for a turn when the store closes is let go', async (context) => {
  const store = await open(await folderFor(context))
  const write = put(store, 'last', '1')
  const turn = store.turn()
  await store.close()
  await Promise.all([write, turn])
  await assert.rejects(put(store, 'later', '2'), { code: 'unavailable' })
})

test('writes after closing are refused', async (context) => {
  const store = await open(await folderFor(context))
  const last = put(store, 'last', 'x')
  await store.close()
  await last
  await assert.rejects(put(store, 'late', 'x'), { code: 'unavailable' })
})

/** Writes 4 KB values until one is refused; gives that error. */
async function fill(store: EmbeddedStore, wrote: (count: number) => void): Promise<RefusedWrite> {
  for (let count = 0; count < 100_000; count++) {
    try {
      await put(store, `big-${count}`, 'x'.repeat(4_000))
    } catch (error) {
      assert.ok(error instanceof Error && 'code' in error && 'retryable' in error)
      return error
    }
    wrote(count + 1)
  }
  throw new Error('The store took everything')
}

type RefusedWrite = Error & Record<'code' | 'retryable', unknown>
