import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')

const lines = readFileSync(join(root, 'docs', 'PROMISES.md'), 'utf8').split('\n')

test('every promise names tests that there are', () => {
  const promises = lines.filter((line) => /^\| \d+ \|/.test(line))
  assert.equal(promises.length, 10)
  for (const promise of promises) {
    const files = filesIn(promise)
    assert.ok(files.length >= 2, promise)
    for (const file of files) assert.ok(existsSync(join(root, file)), `there is no ${file}`)
  }
})

test('whatever must be survived happens in tests that there are', () => {
  const start = lines.indexOf('| what goes wrong | tried by |')
  const cases = lines.slice(start + 2).filter((line) => line.startsWith('|'))
  assert.equal(cases.length, 38)
  for (const one of cases) {
    const files = filesIn(one)
    assert.ok(files.length >= 1, one)
    for (const file of files) assert.ok(existsSync(join(root, file)), `there is no ${file}`)
  }
})

function filesIn(line: string): readonly string[] {
  return [...line.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file = '']) => file)
}
