import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statfs, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  openTemporaryFolder,
  type TemporaryFolder,
} from '../../chat-core/test/support/temporary-folder.ts'
import { CHANNEL_DESCRIPTOR } from '../src/sandbox/channel-descriptor.ts'
import { makeChildFolder } from '../src/sandbox/child-folder.ts'
import { findConfinement, type Confinement } from '../src/sandbox/confinement.ts'
import { DISK_BOUNDS, type DiskBounds } from '../src/sandbox/disk-guard.ts'
import { SandboxChild } from '../src/sandbox/sandbox-child.ts'

const DEADLINE_MS = 30_000
const CHILD = join(import.meta.dirname, '..', 'src', 'sandbox', 'child-main.ts')
const DEADLINES = { videoMs: DEADLINE_MS, audioMs: DEADLINE_MS, otherMs: DEADLINE_MS }

describe('what a child in foreign hands writes to its parent', () => {
  let folder: TemporaryFolder
  let confinement: Confinement
  before(async () => {
    folder = await openTemporaryFolder()
    confinement = await findConfinement({ nodePath: process.execPath, folder: folder.path })
  })
  after(() => folder.remove())

  /** A child that says it is ready and then runs foreign code, with `say` at hand. */
  async function seize(code: string, disk?: DiskBounds): Promise<SandboxChild> {
    const whole = `
      const fs = require('node:fs')
      const say = (text) => fs.writeSync(3, text)
      say('{"kind":"ready"}\\n')
      ${code}
      setInterval(() => undefined, 1_000)`
    const command = (own: string) => [
      ...confinement.command(own),
      ...[process.execPath, '-e', whole, '--'],
    ]
    const own = await makeChildFolder(folder.path)
    const seized = { ...confinement, command }
    const options = { nodePath: process.execPath, confinement: seized, disk }
    const child = new SandboxChild(options, own)
    await child.ready(DEADLINE_MS)
    return child
  }
  async function request() {
    const inputPath = join(folder.path, 'input')
    await writeFile(inputPath, 'x')
    const outputFolder = folder.path
    return { inputPath, outputFolder, decode: true, programs: {} }
  }

  const foul: Readonly<Record<string, string>> = {
    'an order to Node itself': `say('{"cmd":"NODE_HANDLE_ACK"}\\n')`,
    'an order with a handle to Node itself': `say('{"cmd":"NODE_HANDLE","type":"net.Socket"}\\n')`,
    'no JSON': `say('ready\\n')`,
    'JSON without a bottom': `say('['.repeat(300_000) + '\\n')`,
    'a line without end': `for (;;) say('x'.repeat(65_536))`,
    'one type after another': `for (;;) say('{"kind":"sniffed","contentType":"a/b"}\\n')`,
  }
  for (const [what, code] of Object.entries(foul)) {
    test(`${what}: it is killed, and nothing else happens`, async () => {
      const child = await seize(code)
      const { pid } = child
      assert.ok(pid)
      assert.deepEqual(await child.derive(await request(), DEADLINES), { kind: 'died' })
      assert.equal(child.isAlive, false)
      assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
    })
  }

  const out = `process.env.TMPDIR + '/' + `
  const megabyte = `Buffer.alloc(1_048_576)`
  const fills: Readonly<Record<string, readonly [string, Partial<DiskBounds>]>> = {
    'many files': [
      `for (let n = 0; n < 400; n++) fs.writeFileSync(${out} n, ${megabyte})`,
      { maxBytes: 50_000_000 },
    ],
    'more files than it needs': [
      `for (let n = 0; n < 400; n++) fs.writeFileSync(${out} n, '')`,
      { maxEntries: 100 },
    ],
  }
  for (const [what, [code, bounds]] of Object.entries(fills)) {
    test(`${what} on the disk: it is killed, and the file is to blame`, async () => {
      const child = await seize(code, { ...DISK_BOUNDS, ...bounds })
      assert.deepEqual(await child.derive(await request(), DEADLINES), { kind: 'died' })
      assert.equal(child.isAlive, false)
    })
  }

  const lefts: Readonly<Record<string, readonly [string, boolean]>> = {
    'a file in its folder: it is removed, and the child stays': [
      `fs.writeFileSync(${out} 'left', 'x')`,
      true,
    ],
    'a folder in its folder: it is not walked through while the child lives': [
      `fs.mkdirSync(${out} 'left')`,
      false,
    ],
  }
  for (const [what, [code, stays]] of Object.entries(lefts)) {
    test(what, async () => {
      const child = await seize(`
        new (require('node:net').Socket)({ fd: 3 }).once('data', () => {
          ${code}
          say('{"kind":"sniffed","contentType":"image/png"}\\n')
          say('{"kind":"derived","derived":{"contentType":"image/png","keepsOriginal":false,"files":[]}}\\n')
        })`)
      assert.equal((await child.derive(await request(), DEADLINES)).kind, 'derived')
      assert.equal(child.isAlive, stays)
      await child.kill()
    })
  }

  test('files that are in no folder: it is killed before the disk is full, and the file is tried again', async () => {
    const { bavail, bsize } = await statfs(folder.path)
    const code = `
      const grow = (left) => {
        const file = fs.openSync(${out} left, 'w')
        fs.unlinkSync(${out} left)
        fs.writeSync(file, ${megabyte})
        if (left > 0) setTimeout(grow, 5, left - 1)
      }
      setTimeout(grow, 1_000, 200)`
    const slackBytes = 20_000_000
    // As on a disk that has nothing to spare.
    const keeps = { keepFreeBytes: bavail * bsize, keepFreeShare: 1, slackBytes }
    const child = await seize(code, { ...DISK_BOUNDS, ...keeps })
    await assert.rejects(child.derive(await request(), DEADLINES), /the disk is nearly full/)
    assert.equal(child.isAlive, false)
  })

  test('a child whose parent is gone goes, too', async () => {
    const child = spawn(process.execPath, [CHILD], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    const pipe = child.stdio[CHANNEL_DESCRIPTOR]
    assert.ok(pipe instanceof Socket)
    await once(pipe, 'data')
    pipe.destroy()
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })
})
