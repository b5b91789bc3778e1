import assert from 'node:assert/strict'
import { realpath, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { openTemporaryFolder } from '../../chat-core/test/support/temporary-folder.ts'
import { runProgram } from '../src/sandbox/ffmpeg/run-program.ts'
import { findMediaPrograms, foldersOf } from '../src/sandbox/media-programs.ts'

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
