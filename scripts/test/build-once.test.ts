import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from './support/temporary-folder.ts'
import { buildOnce } from '../services/build-once.mjs'
import { withFileLock } from '../services/file-lock.mjs'

const lockUrl = new URL('../services/file-lock.mjs', import.meta.url).href

test('of several that want the same program one builds it, and all get it', async (t) => {
  const folder = await temporaryFolder(t)
  let builds = 0
  const build = async (workFolder: string): Promise<string> => {
    builds += 1
    await writeFile(join(workFolder, 'made'), 'whole')
    return join(workFolder, 'made')
  }
  const paths = await Promise.all([1, 2, 3, 4].map(() => buildOnce(folder, 'program-1.0.0', build)))
  assert.equal(builds, 1)
  assert.deepEqual(new Set(paths), new Set([join(folder, 'program-1.0.0')]))
  assert.equal(await readFile(join(folder, 'program-1.0.0'), 'utf8'), 'whole')
})

test('a build that fails leaves nothing, and the next one may succeed', async (t) => {
  const folder = await temporaryFolder(t)
  // What a build that was killed has left.
  await mkdir(join(folder, '.building-program-1.0.0-dead'))
  const fail = (): Promise<string> => Promise.reject(new Error('no compiler'))
  await assert.rejects(buildOnce(folder, 'program-1.0.0', fail), /no compiler/)
  assert.deepEqual(await readdir(folder), ['.program-1.0.0.lock'])
  const path = await buildOnce(folder, 'program-1.0.0', async (workFolder) => {
    await writeFile(join(workFolder, 'made'), 'whole')
    return join(workFolder, 'made')
  })
  assert.equal(await readFile(path, 'utf8'), 'whole')
})

test('a lock whose holder was killed is free', async (t) => {
  const file = join(await temporaryFolder(t), 'lock')
  const program = `
    import { withFileLock } from '${lockUrl}'
    await withFileLock(${JSON.stringify(file)}, () => {
      console.log('held')
      return new Promise(() => setInterval(() => undefined, 1000))
    })`
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  holder.kill('SIGKILL')
  assert.equal(await withFileLock(file, () => Promise.resolve('mine')), 'mine')
})
