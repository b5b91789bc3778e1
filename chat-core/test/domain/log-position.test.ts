import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MAX_POSITION, packPosition, type LogPosition } from '../../src/domain/log-position.ts'

// Golden: stored cells carry these as their timestamps.
const GOLDEN: readonly (readonly [LogPosition, bigint])[] = [
  [{ generation: 0, record: 0, index: 0 }, 0n],
  [{ generation: 0, record: 0, index: 1_023 }, 1_023n],
  [{ generation: 0, record: 1, index: 0 }, 1_024n],
  [{ generation: 1, record: 0, index: 0 }, 18_014_398_509_481_984n],
  [{ generation: 1, record: 1, index: 0 }, 18_014_398_509_483_008n],
  [{ generation: 3, record: 123_456_789_012, index: 999 }, 54_169_615_280_395_239n],
  [MAX_POSITION, 2_305_843_009_213_693_951n],
]

const arbitraryPosition = fc.record(
  {
    generation: fc.integer({ min: 0, max: MAX_POSITION.generation }),
    record: fc.integer({ min: 0, max: MAX_POSITION.record }),
    index: fc.integer({ min: 0, max: MAX_POSITION.index }),
  },
  { noNullPrototype: true },
)

test('packed positions never change', () => {
  for (const [position, packed] of GOLDEN) assert.equal(packPosition(position), packed)
})

test('every position fits 61 bits', () => {
  fc.assert(
    fc.property(arbitraryPosition, (position) => {
      assert.ok(packPosition(position) < 2n ** 61n)
    }),
  )
})

test('packed positions differ, and are ordered, by generation, then record, then index', () => {
  fc.assert(
    fc.property(arbitraryPosition, arbitraryPosition, (left, right) => {
      const difference =
        left.generation - right.generation || left.record - right.record || left.index - right.index
      const packedDifference = packPosition(left) - packPosition(right)
      assert.equal(
        Math.sign(difference),
        packedDifference < 0n ? -1 : packedDifference > 0n ? 1 : 0,
      )
    }),
  )
})

test('a part that does not fit is refused by name', () => {
  const position = { generation: 1, record: 1, index: 1 }
  for (const part of ['generation', 'record', 'index'] as const) {
    for (const value of [-1, 0.5, MAX_POSITION[part] + 1, Number.NaN]) {
      const refusal = { name: 'RangeError', message: new RegExp(part) }
      assert.throws(() => packPosition({ ...position, [part]: value }), refusal)
    }
  }
})
