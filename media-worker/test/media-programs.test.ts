import assert from 'node:assert/strict'
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { openTemporaryFolder } from '../../chat-core/test/support/temporary-folder.ts'
import { findConfinement } from '../src/sandbox/confinement.ts'
import { runProgram } from '../src/sandbox/ffmpeg/run-program.ts'
import { findMediaPrograms, foldersOf } from '../src/sandbox/media-programs.ts'
import { tryPrograms } from '../src/sandbox/try-programs.ts'

test('a program that is a link is run, and seen by children, where it really is', async (t) => {
  const folder = await openTemporaryFolder()
  t.after(() => folder.remove())
  const linked = join(folder.path, 'ffmpeg')
  await symlink(process.execPath, linked)
  const programs = await findMediaPrograms(linked)
  const real = await realpath(process.execPath)
  assert.equal(programs.ffmpeg, real)
  assert.deepEqual(foldersOf(programs), [dirname(real)])
})

test('an ffmpeg that cannot start where children run it is found at start, and told', async (t) => {
  const folder = await openTemporaryFolder()
  t.after(() => folder.remove())
  const programs = join(folder.path, 'programs')
  const elsewhere = join(folder.path, 'libraries')
  await mkdir(programs)
  await mkdir(elsewhere)
  // As one whose library children do not see.
  const library = join(elsewhere, 'libavcodec')
  await writeFile(library, 'exit 0')
  for (const name of ['ffmpeg', 'ffprobe']) {
    await writeFile(join(programs, name), `#!/bin/sh\n. ${library}`, { mode: 0o755 })
  }
  const found = await findMediaPrograms(join(programs, 'ffmpeg'))
  const options = { nodePath: process.execPath, folder: join(folder.path, 'children') }
  const confinement = await findConfinement({ ...options, readable: foldersOf(found) })
  if (!confinement.isWorld) {
    t.skip(`not confined here: ${confinement.missing.join(', ')}`)
    return
  }
  const failure = await tryPrograms(found, confinement, options.folder)
  assert.ok(failure instanceof Error)
  assert.match(failure.message, /libavcodec/)
  const whole = await findConfinement({ ...options, readable: [...foldersOf(found), elsewhere] })
  assert.equal(await tryPrograms(found, whole, options.folder), undefined)
  assert.equal(await tryPrograms({}, confinement, options.folder), undefined)
})

for (const code of [126, 127]) {
  test(`a program that ends with ${code} has not started, which is no fault of the file`, async () => {
    const command = ['/bin/sh', '-c', `exit ${code}`] as const
    await assert.rejects(runProgram({ command, folder: '/', timeoutMs: 30_000 }), /does not start/)
  })
}

test('a program that ends with anything else says no to the file', async () => {
  const command = ['/bin/sh', '-c', 'echo no >&2; exit 1'] as const
  const outcome = await runProgram({ command, folder: '/', timeoutMs: 30_000 })
  assert.deepEqual(outcome, { kind: 'failed', complaint: 'no\n' })
})
