import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { VERDICT_VARIABLE } from '../run-again.mjs'

const reporter = join(import.meta.dirname, '..', 'test-reporter.mjs')
const failsOnce = `
  import { existsSync, writeFileSync } from 'node:fs'
  import { test } from 'node:test'
  test('fails once', () => {
    if (existsSync(import.meta.filename + '.again')) return
    writeFileSync(import.meta.filename + '.again', '')
    throw new Error('the first time')
  })`
const failsAlways = `
  import { test } from 'node:test'
  test('fails always', () => { throw new Error('every time') })`
const failsWhenTold = `
  import { test } from 'node:test'
  test('fails when told', () => { if (process.env.FAILS) throw new Error('as told') })`
const tellsTheFirst = `
  process.env.FAILS = 'yes'
  await import('./0.test.mjs')`
const failsAtItsEnd = `
  import { after, test } from 'node:test'
  after(() => { throw new Error('at the end') })
  test('is well', () => undefined)`

/** Runs test files as `npm test` does in CI. */
async function run(context: TestContext, programs: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-again-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  const files = programs.map((_program, index) => join(folder, `${index}.test.mjs`))
  await Promise.all(programs.map((program, index) => writeFile(files[index] ?? '', program)))
  const verdict = join(folder, 'verdict')
  const environment = { ...process.env, [VERDICT_VARIABLE]: verdict }
  Reflect.deleteProperty(environment, 'NODE_TEST_CONTEXT')
  const { stdout } = spawnSync(
    process.execPath,
    ['--test', `--test-reporter=${reporter}`, '--test-reporter-destination=stdout', ...files],
    { env: environment, encoding: 'utf8' },
  )
  return { stdout, isLetPass: existsSync(verdict) }
}

test('a file that passes alone is named, counted as failed, and lets the run pass', async (context) => {
  const { stdout, isLetPass } = await run(context, [failsOnce])
  assert.match(stdout, /UNSTEADY: .*0\.test\.mjs failed, and passed/)
  assert.match(stdout, /fail 1/)
  assert.equal(isLetPass, true)
})

test('one that fails again keeps the run from passing', async (context) => {
  const { stdout, isLetPass } = await run(context, [failsOnce, failsAlways])
  assert.match(stdout, /1\.test\.mjs failed again/)
  assert.equal(isLetPass, false)
})

test('a file that fails only as a part of another is run again as that part', async (context) => {
  const { stdout, isLetPass } = await run(context, [failsWhenTold, tellsTheFirst])
  assert.match(stdout, /1\.test\.mjs failed again/)
  assert.doesNotMatch(stdout, /UNSTEADY/)
  assert.equal(isLetPass, false)
})

test('a file may fail without any of its tests', async (context) => {
  const { stdout, isLetPass } = await run(context, [failsOnce, failsAtItsEnd])
  assert.match(stdout, /1\.test\.mjs failed again/)
  assert.equal(isLetPass, false)
})

test('many failures are no accident: none is run again', async (context) => {
  const { stdout, isLetPass } = await run(
    context,
    Array.from({ length: 6 }, () => failsOnce),
  )
  assert.match(stdout, /6 files failed: none is run again/)
  assert.equal(isLetPass, false)
})
