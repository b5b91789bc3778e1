import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  openTemporaryFolder,
  type TemporaryFolder,
} from '../../chat-core/test/support/temporary-folder.ts'
import { CHANNEL_DESCRIPTOR } from '../src/sandbox/channel-descriptor.ts'
import { makeChildFolder } from '../src/sandbox/child-folder.ts'
import { CHILD, findConfinement, type Confinement } from '../src/sandbox/confinement.ts'
import { SandboxChild } from '../src/sandbox/sandbox-child.ts'

const DEADLINE_MS = 30_000
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
  async function seize(code: string): Promise<SandboxChild> {
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
    const child = new SandboxChild({ nodePath: process.execPath, confinement: seized }, own)
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
