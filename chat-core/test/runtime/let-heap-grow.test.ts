import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const SOURCE = new URL('../../src/runtime/let-heap-grow.ts', import.meta.url).href

// It says so on the standard error when it does not, and goes on.
test('V8 knows the flag', async () => {
  const program = `import { letHeapGrow } from '${SOURCE}'; letHeapGrow()`
  const run = promisify(execFile)
  const { stderr } = await run(process.execPath, ['--input-type=module', '--eval', program])
  assert.doesNotMatch(stderr, /unrecognized|illegal|error/i)
})
