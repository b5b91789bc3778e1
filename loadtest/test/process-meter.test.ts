import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { eventually } from '../../chat-core/test/support/eventually.ts'
import { readProcess, readProcessTree } from '../src/bench/process-meter.ts'

const isLinux = process.platform === 'linux'

test(
  'a process and what it started count once each',
  { skip: !isLinux && 'there is no /proc' },
  async (t) => {
    const shell = spawn('/bin/sh', ['-c', 'sleep 600 & wait'], { stdio: 'ignore', detached: true })
    const { pid } = shell
    assert.ok(pid)
    const ended = once(shell, 'exit')
    t.after(async () => {
      process.kill(-pid, 'SIGKILL')
      await ended
    })
    await eventually(() => {
      const [child, ...more] = childrenOf(pid)
      assert.ok(child !== undefined && more.length === 0)
      assert.equal(nameOf(child), 'sleep')
      const both = readProcess(pid).rssBytes + readProcess(child).rssBytes
      assert.equal(readProcessTree(pid).rssBytes, both)
      assert.equal(readProcessTree(child).rssBytes, readProcess(child).rssBytes)
    })
  },
)

function childrenOf(pid: number): readonly number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return list === '' ? [] : list.split(' ').map(Number)
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
}
