import assert from 'node:assert/strict'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { test } from 'node:test'

const moduleUrl = new URL('../run-on-node-22.mjs', import.meta.url).href

/** Starts a process that runs `program` through `spawnNode22`, as the scripts do. */
function start(program: string): ChildProcessByStdio<null, Readable, null> {
  const caller = `
    import { spawnNode22 } from '${moduleUrl}'
    spawnNode22(['--eval', ${JSON.stringify(program)}])`
  return spawn(process.execPath, ['--input-type=module', '--eval', caller], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

test('it ends with the exit code of what it started', async () => {
  assert.deepEqual(await once(start('process.exit(7)'), 'exit'), [7, null])
})

test('it ends by the signal that ended what it started', async () => {
  const caller = start('process.kill(process.pid, "SIGKILL")')
  assert.deepEqual(await once(caller, 'exit'), [null, 'SIGKILL'])
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`${signal} reaches what it started, which may finish first`, async () => {
    const caller = start(`
      process.on('${signal}', () => process.exit(9))
      setInterval(() => undefined, 1000)
      console.log('ready')`)
    await once(caller.stdout, 'data')
    caller.kill(signal)
    assert.deepEqual(await once(caller, 'exit'), [9, null])
  })
}
