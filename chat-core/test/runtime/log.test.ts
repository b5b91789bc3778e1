import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'

const log = new URL('../../src/runtime/log.ts', import.meta.url).href

/** Says one line each time it is told to, and how often it has. */
const PROGRAM = `
import { createLog } from '${log}'
const log = createLog({ logLevel: 'info' }, process.stdout)
let lines = 0
process.stdin.on('data', () => {
  log.info({}, 'still here')
  lines++
  setImmediate(() => process.stderr.write(String(lines)))
})
`

test('a process whose log nobody reads any more goes on', async (t) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM])
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  const say = async (): Promise<string> => {
    const heard = Promise.race([once(child.stderr, 'data'), ended])
    child.stdin.write('.')
    return String((await heard)[0])
  }
  const line = once(child.stdout, 'data')
  assert.equal(await say(), '1')
  assert.match(String((await line)[0]), /still here/)
  child.stdout.destroy()
  for (const lines of ['2', '3', '4']) assert.equal(await say(), lines)
  child.stdin.end()
  assert.deepEqual(await ended, [0, null])
})
