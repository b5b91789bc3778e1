import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { listMissingPrograms, requireProgram } from '../programs.mjs'

/** Makes a new empty folder the only one where programs are looked for, and sets CI, for one test. */
async function isolate(context: TestContext, ci: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-programs-'))
  const { PATH: path = '', CI: formerCi } = process.env
  process.env['PATH'] = folder
  process.env['CI'] = ci
  context.after(async () => {
    process.env['PATH'] = path
    if (formerCi === undefined) delete process.env['CI']
    else process.env['CI'] = formerCi
    await rm(folder, { recursive: true })
  })
  return folder
}

function recordSkips(): { readonly reasons: string[]; skip(reason: string): void } {
  const reasons: string[] = []
  return { reasons, skip: (reason) => void reasons.push(reason) }
}

test('a program is found under any of its names', async (t) => {
  const folder = await isolate(t, 'true')
  const file = join(folder, 'google-chrome')
  await writeFile(file, '')
  await chmod(file, 0o755)
  assert.equal(requireProgram(recordSkips(), 'chromium'), file)
  assert.ok(!isListedMissing('chromium'))
})

test('a test without its program is skipped with the reason, and listed', async (t) => {
  await isolate(t, '')
  const context = recordSkips()
  assert.equal(requireProgram(context, 'chromium'), undefined)
  assert.deepEqual(context.reasons, ['chromium is not installed on this machine'])
  assert.ok(isListedMissing('chromium'))
})

test('in CI a test without its program fails', async (t) => {
  await isolate(t, 'true')
  const context = recordSkips()
  assert.throws(() => requireProgram(context, 'chromium'), /chromium is not installed/)
  assert.deepEqual(context.reasons, [])
})

function isListedMissing(program: string): boolean {
  return listMissingPrograms().some(({ name }) => name === program)
}
