import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSettings } from '../../chat-core/src/runtime/index.ts'
import { GATEWAY_TIMES } from '../../gateway/src/gateway-times.ts'
import { repositoryRoot } from '../installation.mjs'

// What can be said of the unit without a machine that it is installed on.

const unit = await readFile(join(repositoryRoot, 'deploy/systemd/satchel.service'), 'utf8')
const lines = unit.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

function valueOf(name: string): string {
  const line = lines.find((one) => one.startsWith(`${name}=`))
  assert.ok(line !== undefined, `the unit has no ${name}`)
  return line.slice(name.length + 1)
}

/** Those by which children of the server could make no namespaces, or not be shown `/usr`. */
const IN_THE_WAY_OF_CHILDREN = [
  ...['RestrictNamespaces', 'SystemCallFilter', 'RootDirectory', 'ProtectKernelModules'],
  ...['InaccessiblePaths', 'PrivateUsers', 'ProtectProc', 'MemoryDenyWriteExecute'],
] as const

test('the unit starts a program that is there, with settings that are', () => {
  const [node = '', program = ''] = valueOf('ExecStart').split(' ')
  const root = valueOf('WorkingDirectory')
  assert.ok(existsSync(join(repositoryRoot, node.replace(root, ''))), node)
  assert.ok(existsSync(join(repositoryRoot, program)), program)
  const pairs = valueOf('Environment')
    .split(' ')
    .map((pair) => pair.split('=') as [string, string])
  const settings = readSettings(Object.fromEntries(pairs))
  assert.equal(settings.dataDir, `/var/lib/${valueOf('StateDirectory')}`)
})

test('the unit gives the server the time it takes to leave, and files enough', () => {
  const { drainMs, maxSessions } = readSettings({})
  const stopMs = Number(valueOf('TimeoutStopSec')) * 1_000
  assert.ok(stopMs > drainMs + GATEWAY_TIMES.leavingAnswersMs)
  assert.ok(Number(valueOf('LimitNOFILE')) * 0.9 > maxSessions)
})

test('the unit leaves the sandbox what it needs', () => {
  for (const name of IN_THE_WAY_OF_CHILDREN)
    assert.ok(!lines.some((line) => line.startsWith(`${name}=`)), name)
})
