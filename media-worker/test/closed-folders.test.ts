import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openTemporaryFolder } from '../../chat-core/test/support/temporary-folder.ts'

const NOBODY = 65_534
const SOURCES = join(import.meta.dirname, '..', 'src')

/** A folder of somebody who is not root, and a way to run a line of code as that somebody. */
async function openAsUser(t: TestContext) {
  const temporary = await openTemporaryFolder()
  t.after(() => temporary.remove())
  const isRoot = process.getuid?.() === 0
  await chmod(temporary.path, 0o777)
  const runAs = (code: string) => {
    const own = `
      const { mkdir, chmod, writeFile, symlink, readdir } = await import('node:fs/promises')
      const { removeFolder } = await import(${JSON.stringify(join(SOURCES, 'sandbox', 'remove-folder.ts'))})
      const { emptyFolder } = await import(${JSON.stringify(join(SOURCES, 'empty-folder.ts'))})
      const { layBefore, makeChildFolder, takeMade } =
        await import(${JSON.stringify(join(SOURCES, 'sandbox', 'child-folder.ts'))})
      ${code}`
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      ['--no-warnings', '--input-type=module', '-e', own],
      { cwd: temporary.path, encoding: 'utf8', ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}) },
    )
    assert.equal(status, 0, stderr)
    return stdout.trim()
  }
  return { path: temporary.path, runAs }
}

const CLOSED = `
  await mkdir('work/out/x/y', { recursive: true })
  await writeFile('work/out/x/y/f', '')
  await symlink('../../other', 'work/out/link')
  await chmod('work/out/x/y', 0)
  await chmod('work/out/x', 0)`

test('a folder that a child has closed to its own user is removed, and no link followed', async (t) => {
  const { path, runAs } = await openAsUser(t)
  runAs(`await mkdir('other', { mode: 0o500 }); ${CLOSED}; await removeFolder('work')`)
  assert.deepEqual(await readdir(path), ['other'])
  assert.equal((await stat(join(path, 'other'))).mode & 0o777, 0o500)
})

test('a worker starts with an empty folder, whatever was left in it', async (t) => {
  const { path, runAs } = await openAsUser(t)
  runAs(`${CLOSED}; await emptyFolder(process.cwd() + '/work')`)
  assert.deepEqual(await readdir(path), ['work'])
  assert.deepEqual(await readdir(join(path, 'work')), [])
})

test('a closed folder among what a child made is not taken, and the machine not blamed', async (t) => {
  const { runAs } = await openAsUser(t)
  const taken = runAs(`
    const own = await makeChildFolder(process.cwd())
    await writeFile('input', '')
    await mkdir('job')
    const { made } = await layBefore(own, 'input')
    await mkdir(made + '/hls')
    await chmod(made + '/hls', 0)
    console.log(await takeMade(own, 'job'))
    await removeFolder('job')
    await removeFolder(own)
    console.log((await readdir('.')).join())`)
  assert.equal(taken, 'false\ninput')
})
