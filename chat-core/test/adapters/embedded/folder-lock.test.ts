import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { lockFolder, type FolderLock } from '../../../src/adapters/embedded/folder-lock.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'

const run = promisify(execFile)

async function folderFor(context: TestContext): Promise<string> {
  const folder = await openTemporaryFolder()
  context.after(() => folder.remove())
  return folder.path
}

/** Leaves a socket of this name behind that nobody answers for. */
async function leaveDeadSocket(folder: string, name: string): Promise<void> {
  const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
  await assert.rejects(run(process.execPath, ['-e', script, join(folder, name)]))
}

async function tryAtOnce(folder: string, count: number): Promise<readonly FolderLock[]> {
  const tries = Array.from({ length: count }, (_, index) => lockFolder(folder, index))
  const settled = await Promise.allSettled(tries)
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

test('of many who want a folder at once exactly one gets it', async (context) => {
  const folder = await folderFor(context)
  for (let round = 0; round < 100; round++) {
    const locks = await tryAtOnce(folder, 2 + (round % 5))
    assert.equal(locks.length, 1, `round ${round}`)
    await locks[0]?.release()
  }
  assert.deepEqual(await readdir(folder), [])
})

test('so it is where killed processes left their sockets', async (context) => {
  const folder = await folderFor(context)
  for (let round = 0; round < 5; round++) {
    await leaveDeadSocket(folder, 'lock.11111111')
    await leaveDeadSocket(folder, 'lock.ffffffff')
    const locks = await tryAtOnce(folder, 4)
    assert.equal(locks.length, 1, `round ${round}`)
    assert.equal((await readdir(folder)).length, 1)
    await locks[0]?.release()
  }
})

test('while some come and others go there is never more than one who has it', async (context) => {
  const folder = await folderFor(context)
  let holders = 0
  let held = 0
  const comeAndGo = async (): Promise<void> => {
    for (let attempt = 0; attempt < 40; attempt++) {
      const lock = await lockFolder(folder, attempt).catch(() => undefined)
      if (lock === undefined) continue
      held++
      assert.equal(++holders, 1)
      await new Promise((resolve) => setImmediate(resolve))
      holders--
      await lock.release()
    }
  }
  await Promise.all(Array.from({ length: 6 }, comeAndGo))
  assert.ok(held > 0)
})

test('a holder that stands still holds', async (context) => {
  const folder = await folderFor(context)
  const calls = new Set<Socket>()
  const server = createServer((socket) => calls.add(socket)).listen(join(folder, 'lock.00000000'))
  await once(server, 'listening')
  context.after(() => {
    for (const socket of calls) socket.destroy()
    server.close()
  })
  await assert.rejects(lockFolder(folder, 1), { code: 'unavailable', message: /does not answer/ })
  assert.deepEqual(await readdir(folder), ['lock.00000000'])
})
