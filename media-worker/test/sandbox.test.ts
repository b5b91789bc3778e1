import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import {
  openTemporaryFolder,
  type TemporaryFolder,
} from '../../chat-core/test/support/temporary-folder.ts'
import { findConfinement, type Confinement } from '../src/sandbox/confinement.ts'
import type { FileDeadlines } from '../src/sandbox/file-deadlines.ts'
import { keepsChild } from '../src/sandbox/keeps-child.ts'
import { parseChildMessage } from '../src/sandbox/parse-child-message.ts'
import {
  DEFAULT_POOL_OPTIONS,
  SandboxPool,
  type SandboxPoolOptions,
} from '../src/sandbox/sandbox-pool.ts'
import { noise } from './support/test-images.ts'

const run = promisify(execFile)
const lockedSharp = import.meta.resolve('../src/sandbox/locked-sharp.ts')

describe('the sandbox', () => {
  let folder: TemporaryFolder
  let confinement: Confinement
  let slowPath: string
  let photoPath: string
  let quickPath: string
  let jobs = 0
  before(async () => {
    folder = await openTemporaryFolder()
    confinement = await findConfinement({
      nodePath: process.execPath,
      folder: join(folder.path, 'children'),
    })
    slowPath = join(folder.path, 'slow.png')
    photoPath = join(folder.path, 'photo.png')
    quickPath = join(folder.path, 'quick.txt')
    // Large enough that a child is certainly at work on it when it is found.
    await writeFile(slowPath, await noise(3_000, 3_000))
    await writeFile(photoPath, await noise(1_000, 1_000))
    await writeFile(quickPath, 'hello')
  })
  after(() => folder.remove())

  function openPool(options: Partial<SandboxPoolOptions> = {}): SandboxPool {
    return new SandboxPool({
      ...DEFAULT_POOL_OPTIONS,
      // The machine may be busy with other tests.
      deadlines: deadlines(),
      startDeadlineMs: 120_000,
      ...options,
      nodePath: process.execPath,
      confinement,
      folder: join(folder.path, 'children'),
      programs: {},
    })
  }
  const deadlines = (some: Partial<FileDeadlines> = {}): FileDeadlines => ({
    ...{ videoMs: 120_000, audioMs: 120_000, otherMs: 120_000 },
    ...some,
  })
  async function request(inputPath: string) {
    const outputFolder = join(folder.path, `job-${++jobs}`)
    await mkdir(outputFolder)
    return { inputPath, outputFolder, decode: true }
  }
  const busyPid = (pool: SandboxPool) =>
    eventually(() => {
      const [pid] = pool.busyPids
      assert.ok(pid)
      return pid
    })

  test('a child killed at work is replaced, and the file is done once', async () => {
    const pool = openPool()
    const deriving = pool.derive(await request(slowPath))
    process.kill(await busyPid(pool), 'SIGKILL')
    const outcome = await deriving
    assert.equal(outcome.kind, 'derived')
    assert.ok(outcome.derived.files.some(({ variant }) => variant === 'w320'))
    await pool.close()
  })

  test('a file over which two children die is to blame itself', async () => {
    const pool = openPool({ size: 1 })
    const deriving = pool.derive(await request(slowPath))
    const first = await busyPid(pool)
    process.kill(first, 'SIGKILL')
    const second = await eventually(() => {
      const [pid] = pool.busyPids
      assert.ok(pid && pid !== first)
      return pid
    })
    process.kill(second, 'SIGKILL')
    assert.deepEqual(await deriving, { kind: 'fault', reason: 'decoder_crashed' })
    assert.equal((await pool.derive(await request(quickPath))).kind, 'derived')
    await pool.close()
  })

  test('a file that takes too long is given up, and its child is killed', async () => {
    const pool = openPool({ deadlines: deadlines({ otherMs: 50 }), size: 1 })
    const deriving = pool.derive(await request(slowPath))
    const pid = await busyPid(pool)
    assert.deepEqual(await deriving, { kind: 'fault', reason: 'took_too_long' })
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
    await pool.close()
  })

  test('a child that yields is nicer than others, as is its session', async () => {
    const niceness = async (yields: boolean): Promise<readonly (string | undefined)[]> => {
      const pool = openPool({ yields })
      const deriving = pool.derive(await request(slowPath))
      const pid = await busyPid(pool)
      const of = [await nicenessOf(pid), await sessionNicenessOf(pid)]
      await deriving
      await pool.close()
      return of
    }
    const [own, ofSession] = await niceness(false)
    const nicer = String(Math.min(19, Number(own) + 10))
    // Where sessions are not told apart there is nothing to be nice to.
    assert.deepEqual(await niceness(true), [nicer, ofSession === undefined ? undefined : '10'])
    assert.notEqual(ofSession, '10')
  })

  test('a child is replaced after so many files', async () => {
    const pool = openPool({ maxFiles: 2, size: 1 })
    const pids = new Set<number>()
    for (let file = 0; file < 4; file++) {
      const deriving = pool.derive(await request(photoPath))
      pids.add(await busyPid(pool))
      await deriving
    }
    assert.equal(pids.size, 2)
    await pool.close()
  })

  test('after a file that may have taken it over a child is replaced, before anybody waits for one', async () => {
    const pool = openPool({ size: 1 })
    const pids: number[] = []
    const gifPath = join(folder.path, 'picture.gif')
    await writeFile(gifPath, await sharp(photoPath).resize(400).gif().toBuffer())
    for (const path of [photoPath, photoPath, gifPath, photoPath]) {
      const deriving = pool.derive(await request(path))
      pids.push(await busyPid(pool))
      assert.equal((await deriving).kind, 'derived')
      await eventually(() => assert.equal(pool.idleCount, 1), 120_000)
    }
    const [first, second, third, last] = pids
    assert.equal(second, first)
    assert.equal(third, first)
    assert.notEqual(last, first)
    await pool.close()
  })

  test('once one was replaced, there are as many as files may be open at once', async () => {
    const pool = openPool({ size: 2 })
    const gifPath = join(folder.path, 'another.gif')
    await writeFile(gifPath, await sharp(photoPath).resize(400).gif().toBuffer())
    assert.equal((await pool.derive(await request(photoPath))).kind, 'derived')
    assert.equal(pool.idleCount, 1)
    assert.equal((await pool.derive(await request(gifPath))).kind, 'derived')
    await eventually(() => assert.equal(pool.idleCount, 2), 120_000)
    await pool.close()
  })

  test('not more files are open at once than there are children', async () => {
    const pool = openPool({ size: 2 })
    let most = 0
    const watching = setInterval(() => {
      most = Math.max(most, pool.busyPids.length)
    }, 1)
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, async () => pool.derive(await request(photoPath))),
    )
    clearInterval(watching)
    assert.ok(outcomes.every(({ kind }) => kind === 'derived'))
    assert.equal(most, 2)
    await pool.close()
  })

  test('a child has nothing of ours in its environment, and no network where that can be taken', async () => {
    const pool = openPool({ size: 1 })
    const deriving = pool.derive(await request(slowPath))
    const pid = await busyPid(pool)
    const environment = (await readFile(`/proc/${pid}/environ`, 'latin1')).split('\0')
    const names = environment.map((entry) => entry.split('=', 1)[0]).filter((name) => name !== '')
    const expected = [...Object.keys(confinement.environment), 'TMPDIR']
    for (const name of names) assert.ok(expected.includes(name ?? ''), name)
    if (!confinement.missing.includes('network')) {
      const routes = await readFile(`/proc/${pid}/net/dev`, 'utf8')
      const interfaces = routes
        .split('\n')
        .slice(2)
        .filter((line) => line.includes(':'))
      assert.deepEqual(
        interfaces.map((line) => line.trim().split(':')[0]),
        ['lo'],
      )
    }
    if (!confinement.missing.includes('limits')) {
      const limits = await readFile(`/proc/${pid}/limits`, 'utf8')
      assert.match(limits, /Max data size\s+2000000000/)
      assert.match(limits, /Max core file size\s+0/)
    }
    await deriving
    await pool.close()
  })

  test('a closed pool kills what is at work', async () => {
    const pool = openPool({ size: 1 })
    const deriving = pool.derive(await request(slowPath)).catch((error: unknown) => error)
    const pid = await busyPid(pool)
    await pool.close()
    assert.ok((await deriving) instanceof Error)
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
    await assert.rejects(pool.derive(await request(quickPath)))
  })

  test('only the decoders that are needed can be reached', async () => {
    // In a process of its own: it is for good.
    const script = `
      import { sharp } from ${JSON.stringify(lockedSharp)}
      const blank = sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
      const files = { tiff: await blank.tiff().toBuffer(), svg: Buffer.from(svg) }
      for (const type of ['jpeg', 'png', 'webp', 'gif', 'avif']) files[type] = await blank[type]().toBuffer()
      const isDecoded = (bytes) => sharp(bytes).raw().toBuffer().then(() => true, () => false)
      const entries = Object.entries(files).map(async ([type, bytes]) => [type, await isDecoded(bytes)])
      console.log(JSON.stringify(Object.fromEntries(await Promise.all(entries))))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script])
    assert.deepEqual(JSON.parse(stdout), {
      ...{ tiff: false, svg: false },
      ...{ jpeg: true, png: true, webp: true, gif: true, avif: true },
    })
  })
})

describe('what a child says', () => {
  const derived = { contentType: 'video/mp4', keepsOriginal: false, files: [] }
  const parsed = (changes: object) =>
    parseChildMessage({ kind: 'derived', derived: { ...derived, ...changes } })

  test('is taken when it is what a child may say', () => {
    const hls = { variant: 'hls', contentType: 'application/vnd.apple.mpegurl' }
    const files = [{ ...hls, fileNames: ['master.m3u8', '360p-init.mp4', '360p-12.m4s'] }]
    const message = parsed({ durationMs: 1_500, waveform: 'A'.repeat(344), files })
    assert.equal(message?.kind, 'derived')
    assert.equal(message.derived.durationMs, 1_500)
    assert.deepEqual(message.derived.files[0]?.fileNames, files[0]?.fileNames)
    assert.deepEqual(parseChildMessage({ kind: 'sniffed', contentType: 'audio/mpeg', more: 1 }), {
      kind: 'sniffed',
      contentType: 'audio/mpeg',
    })
  })

  const foul = [
    { durationMs: -1 },
    { durationMs: 0.5 },
    { waveform: 'A'.repeat(345) },
    ...['../key', 'a/b', '.hidden', 'a..b', 'A', '', 'a'.repeat(65)].map((name) => ({
      files: [{ variant: 'hls', contentType: 'a/b', fileNames: [name] }],
    })),
    { files: [{ variant: 'hls', contentType: 'a/b', fileNames: [] }] },
    { files: [{ variant: '../hls', contentType: 'a/b' }] },
  ]
  for (const changes of foul) {
    test(`is not taken with ${JSON.stringify(changes).slice(0, 90)}`, () => {
      assert.equal(parsed(changes), undefined)
    })
  }
})

test('a child stays after what was only looked at, and after photos that libvips alone decodes', () => {
  const stays = ['text/plain', 'image/jpeg', 'image/tiff', 'image/x-canon-cr2']
  const goes = ['image/avif', 'image/heic', 'image/gif', 'video/mp4', 'audio/mpeg']
  assert.deepEqual([...stays, ...goes].filter(keepsChild), stays)
})

/** Of a process, as the kernel tells it (proc_pid_stat(5), the 19th field). */
async function nicenessOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]
}

/** Of the session of a process, as the kernel tells it: `/autogroup-12 nice 10`. */
async function sessionNicenessOf(pid: number): Promise<string | undefined> {
  const told = await readFile(`/proc/${String(pid)}/autogroup`, 'utf8').catch(() => '')
  return / nice (-?\d+)$/m.exec(told)?.[1]
}
