import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const document = readFileSync(join(root, 'docs', 'MEDIA-FAILURES.md'), 'utf8')
const rows = document.split('\n').filter((line) => /^\| \d+ /.test(line))

test('every failure of media happens in tests that there are, under these names', () => {
  assert.equal(rows.length, 36)
  for (const row of rows) {
    const named = [...row.matchAll(/`([\w./-]+\.ts)`(?: “([^”]+)”)?/g)]
    assert.ok(named.length >= 1, row)
    for (const [, file = '', sentence = ''] of named) {
      const source = readFileSync(join(root, file), 'utf8')
      assert.ok(source.includes(sentence), `${file} has no test “${sentence}”`)
    }
  }
})
