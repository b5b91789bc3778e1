import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, open, readFile, readdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import {
  openTemporaryFolder,
  type TemporaryFolder,
} from '../../chat-core/test/support/temporary-folder.ts'
import { copyMade, layBefore, makeChildFolder, takeMade } from '../src/sandbox/child-folder.ts'
import { firstChildOf } from '../src/sandbox/child-process-facts.ts'
import { findConfinement, type Confinement } from '../src/sandbox/confinement.ts'
import { MAX_FILES_OF_VARIANT } from '../src/sandbox/parse-child-message.ts'
import { requireConfinement } from '../src/sandbox/require-confinement.ts'

const DEADLINE_MS = 30_000
/** Seconds no other program sleeps for. */
const SLEEP = '98761'

describe('a child in foreign hands', () => {
  let folder: TemporaryFolder
  let confinement: Confinement
  before(async () => {
    folder = await openTemporaryFolder()
    confinement = await findConfinement({ nodePath: process.execPath, folder: folder.path })
  })
  after(() => folder.remove())

  /** False after the test was skipped: this machine permits no world to be closed in. */
  function requireWorld(t: TestContext): boolean {
    if (!confinement.isWorld) t.skip(`not confined here: ${confinement.missing.join(', ')}`)
    return confinement.isWorld
  }

  async function seize(code: string) {
    const own = await makeChildFolder(folder.path)
    const [program, ...rest] = [...confinement.command(own), process.execPath, '-e', code]
    const running = spawn(program, rest, { env: {}, cwd: '/', timeout: DEADLINE_MS })
    let said = ''
    running.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    running.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    return { own, running, said: () => said }
  }
  /** What foreign code finds: of each of these expressions its value, or the code of its error. */
  async function tryOut(expressions: Readonly<Record<string, string>>) {
    const attempts = Object.entries(expressions).map(
      ([name, expression]) => `${JSON.stringify(name)}: await attempt(async () => (${expression}))`,
    )
    const { running, said } = await seize(`
      const fs = require('node:fs'), net = require('node:net'), { spawnSync } = require('node:child_process')
      const attempt = async (work) => { try { return await work() } catch (error) { return error.code } }
      const dial = (to) => new Promise((resolve) => {
        const socket = net.connect(to, () => resolve('connected'))
        socket.on('error', (error) => resolve(error.code))
      })
      void (async () => { console.log(JSON.stringify({ ${attempts.join(', ')} })); process.exit() })()`)
    await once(running, 'close')
    const found: unknown = JSON.parse(said())
    return found
  }
  async function listen(server: Server, to: string | number): Promise<void> {
    await new Promise<void>((resolve) => server.listen(to, () => resolve()))
  }

  test('sees nothing of the machine but programs, its code and its file', async (t) => {
    if (!requireWorld(t)) return
    const secret = join(folder.path, 'token-secret')
    await writeFile(secret, 'of the data folder')
    const read = (path: string) => `fs.readFileSync(${JSON.stringify(path)}, 'utf8')`
    const found = await tryOut({
      secret: read(secret),
      users: read('/etc/passwd'),
      environment: read('/proc/1/environ'),
      product: read(join(import.meta.dirname, '..', 'src', 'main.ts')),
      homes: `fs.readdirSync('/root')`,
      root: `fs.readdirSync('/').sort().filter((name) => !/^(bin|lib.*|sbin)$/.test(name))`,
    })
    const root = (found as { root: string[] }).root
    assert.deepEqual(found, {
      ...{ secret: 'ENOENT', users: 'ENOENT', environment: 'ENOENT', product: 'ENOENT' },
      ...{ homes: 'ENOENT', root },
    })
    for (const name of ['proc', 'home', 'root', 'var', 'run', 'sys', 'tmp'].filter(
      (one) => !folder.path.startsWith(`/${one}`) && !process.execPath.startsWith(`/${one}`),
    )) {
      assert.ok(!root.includes(name), `there is no /${name}`)
    }
  })

  test('writes to nothing but its own folder, and gains no rights', async (t) => {
    if (!requireWorld(t)) return
    const write = (path: string) => `fs.writeFileSync(${JSON.stringify(path)}, 'x')`
    const exitOf = (...command: string[]) =>
      `spawnSync(${JSON.stringify(command[0])}, ${JSON.stringify(command.slice(1))}).status`
    const found = await tryOut({
      ...{ root: write('/x'), input: write('/in/x'), system: write('/usr/bin/x') },
      ...{
        code: write('/child-code/child-main.mjs'),
        node: write(process.execPath),
        own: `${write('/out/x')} ?? 'written'`,
      },
      remount: exitOf('/usr/bin/mount', '-o', 'remount,rw,bind', '/usr'),
      otherRoot: `${exitOf('/usr/sbin/chroot', '/', '/bin/true')} !== 0`,
      becomingRoot: `${exitOf('/usr/bin/unshare', '--user', '--map-root-user', '/bin/true')} !== 0`,
    })
    const { remount, ...rest } = found as Readonly<Record<string, unknown>>
    assert.notEqual(remount, 0)
    assert.deepEqual(rest, {
      ...{ root: 'EROFS', input: 'EROFS', system: 'EROFS', code: 'EROFS', own: 'written' },
      ...{ node: 'EROFS' },
      ...{ otherRoot: true, becomingRoot: true },
    })
  })

  test('everything it sees is mounted so that it cannot be written to, its own folder excepted', async (t) => {
    if (!requireWorld(t)) return
    const { running, said } = await seize(`
      console.log('started')
      setInterval(() => undefined, 1_000)`)
    t.after(() => running.kill('SIGKILL'))
    const mounts = await eventually(() => {
      assert.equal(said(), 'started\n')
      const pid = firstChildOf(running.pid ?? 0)
      assert.ok(pid)
      return readFileSync(`/proc/${pid}/mountinfo`, 'utf8').trim().split('\n')
    })
    // proc_pid_mountinfo(5): the fifth field is where it is mounted, the sixth how.
    const flags = new Map(
      mounts.map((line) => [line.split(' ')[4] ?? '', line.split(' ')[5]?.split(',') ?? []]),
    )
    assert.ok(['/', '/usr', '/child-code', '/in', '/out'].every((path) => flags.has(path)))
    for (const [path, of] of flags) {
      assert.ok(of.includes(path === '/out' ? 'rw' : 'ro'), `${path} ${of.join()}`)
      assert.ok(of.includes('nosuid'), path)
      assert.ok(of.includes(path.startsWith('/dev/') ? 'noexec' : 'nodev'), path)
      if (['/child-code', '/in', '/out'].includes(path)) assert.ok(of.includes('noexec'), path)
    }
  })

  test('reaches no other process and no socket, in the network or beside it', async (t) => {
    if (!requireWorld(t)) return
    const path = join(folder.path, 'clamd.ctl')
    const servers = [createServer(), createServer(), createServer()] as const
    const abstract = `\0satchel-${process.pid}`
    await Promise.all([
      listen(servers[0], 0),
      listen(servers[1], path),
      listen(servers[2], abstract),
    ])
    t.after(() => servers.forEach((server) => server.close()))
    const address = servers[0].address()
    const port = typeof address === 'object' ? address?.port : undefined
    const found = await tryOut({
      itself: 'process.pid',
      us: `process.kill(${process.pid}, 0)`,
      loopback: `dial({ host: '127.0.0.1', port: ${port} })`,
      outside: `dial({ host: '192.0.2.1', port: 80 })`,
      path: `dial({ path: ${JSON.stringify(path)} })`,
      abstract: `dial({ path: ${JSON.stringify(abstract)} })`,
    })
    assert.deepEqual(found, {
      ...{ itself: 1, us: 'ESRCH', loopback: 'ENETUNREACH', outside: 'ENETUNREACH' },
      ...{ path: 'ENOENT', abstract: 'ECONNREFUSED' },
    })
  })

  test('has no capability, no way to gain one, and takes all it started with it', async (t) => {
    if (!requireWorld(t)) return
    const { running, said } = await seize(`
      for (let index = 0; index < 3; index++)
        require('node:child_process').spawn('/bin/sleep', ['${SLEEP}'], { detached: true, stdio: 'ignore' })
      console.log('started')
      setInterval(() => undefined, 1_000)`)
    assert.ok(running.pid)
    await eventually(() => assert.equal(said(), 'started\n'), DEADLINE_MS)
    const inner = firstChildOf(running.pid)
    assert.ok(inner)
    const status = await readFile(`/proc/${inner}/status`, 'utf8')
    assert.match(status, /CapPrm:\t0+\n/)
    assert.match(status, /CapBnd:\t0+\n/)
    assert.match(status, /NoNewPrivs:\t1/)
    await eventually(async () => assert.equal((await sleepers()).length, 3), DEADLINE_MS)
    process.kill(inner, 'SIGKILL')
    await once(running, 'exit')
    assert.deepEqual(await sleepers(), [])
  })

  test('ends with whoever started it', async (t) => {
    if (!requireWorld(t)) return
    const { running, said } = await seize(`
      require('node:child_process').spawn('/bin/sleep', ['${SLEEP}'], { detached: true, stdio: 'ignore' })
      console.log('started')
      setInterval(() => undefined, 1_000)`)
    await eventually(() => assert.equal(said(), 'started\n'), DEADLINE_MS)
    running.kill('SIGKILL')
    await eventually(async () => assert.deepEqual(await sleepers(), []), DEADLINE_MS)
  })

  const traps: Readonly<Record<string, (made: string) => Promise<void>>> = {
    'a link to a secret': (made) => symlink('/etc/hostname', join(made, 'w320')),
    'a link to a folder of secrets': (made) => symlink('/etc', join(made, 'hls')),
    'more files than it could make': async (made) => {
      for (let index = 0; index < 65; index++) await writeFile(join(made, `f${index}`), '')
    },
    'more files in a folder than it could make': async (made) => {
      await mkdir(join(made, 'hls'))
      for (let index = 0; index <= MAX_FILES_OF_VARIANT; index++) {
        await writeFile(join(made, 'hls', `f${index}`), '')
      }
    },
    'more bytes than it could make': async (made) => {
      for (const name of ['w320', 'hls']) {
        const path = name === 'hls' ? join(made, name, 'f') : join(made, name)
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, '')
        await truncate(path, 6_000_000_000)
      }
    },
    'a link within a folder': async (made) => {
      await mkdir(join(made, 'hls'))
      await symlink('/etc/hostname', join(made, 'hls', 'master.m3u8'))
    },
  }
  for (const [what, lay] of Object.entries(traps)) {
    test(`that leaves ${what} leaves nothing that is taken`, async () => {
      const own = await makeChildFolder(folder.path)
      const input = join(own, 'file')
      const taken = join(own, 'job')
      await writeFile(input, 'x')
      await mkdir(taken)
      const { made } = await layBefore(own, input)
      await lay(made)
      assert.equal(await takeMade(own, taken), false)
      // Of a child that lives on, the same.
      await mkdir(join(own, 'again'))
      const again = await layBefore(await makeChildFolder(folder.path), input)
      await lay(again.made)
      assert.equal(await copyMade(dirname(dirname(again.made)), join(own, 'again')), false)
    })
  }

  test('that has a hold of what it made has none of what was taken', async () => {
    const own = await makeChildFolder(folder.path)
    const [input, taken] = [join(own, 'file'), join(own, 'job')]
    await writeFile(input, 'x')
    await mkdir(taken)
    const { made } = await layBefore(own, input)
    await writeFile(join(made, 'empty'), '')
    const held = await open(join(made, 'w320'), 'w')
    await held.writeFile('made')
    assert.equal(await copyMade(own, taken), true)
    await held.writeFile(' of the next file')
    await held.close()
    assert.equal(await readFile(join(taken, 'w320'), 'utf8'), 'made')
    assert.deepEqual(await readdir(taken), ['empty', 'w320'])
  })

  test('where confinement is missing, a worker that must have it does not start, and says why', () => {
    requireConfinement({ missing: [] })
    assert.throws(() => requireConfinement({ missing: ['files', 'network'] }), {
      message: /missing: files, network.*SATCHEL_SANDBOX=best-effort/,
    })
  })
})

async function sleepers(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')),
  )
  return lines.filter((line) => line === `/bin/sleep\0${SLEEP}\0`)
}
