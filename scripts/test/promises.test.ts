import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')

test('every promise names tests that there are', () => {
  const lines = readFileSync(join(root, 'docs', 'PROMISES.md'), 'utf8').split('\n')
  const promises = lines.filter((line) => /^\| \d+ \|/.test(line))
  assert.equal(promises.length, 10)
  for (const promise of promises) {
    const files = [...promise.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file = '']) => file)
    assert.ok(files.length >= 2, promise)
    for (const file of files) assert.ok(existsSync(join(root, file)), `there is no ${file}`)
  }
})
