import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseByteRange } from '../../src/links/byte-range.ts'

const understood = [
  ['bytes=0-0', 0, 0],
  ['bytes=0-99', 0, 99],
  ['bytes=10-', 10, 99],
  ['bytes=10-1000', 10, 99],
  ['bytes=-1', 99, 99],
  ['bytes=-1000', 0, 99],
] as const
for (const [header, first, last] of understood) {
  test(`${header} of 100 bytes is ${first} to ${last}`, () => {
    assert.deepEqual(parseByteRange(header, 100), { first, last })
  })
}

for (const header of [
  undefined,
  '',
  'bytes=',
  'bytes=-',
  'bytes=5-3',
  'bytes=0-1,3-4',
  'lines=1-2',
]) {
  test(`${header ?? 'no header'} means the whole`, () => {
    assert.equal(parseByteRange(header, 100), undefined)
  })
}

for (const [header, size] of [
  ['bytes=100-', 100],
  ['bytes=100-200', 100],
  ['bytes=-0', 100],
  ['bytes=0-', 0],
  ['bytes=-5', 0],
] as const) {
  test(`${header} of ${size} bytes cannot be satisfied`, () => {
    assert.throws(() => parseByteRange(header, size), {
      code: 'range_not_satisfiable',
      details: { limit: size },
    })
  })
}
