import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strikeSchedule, type StrikeChoice } from '../src/chaos/strike-schedule.ts'
import { Random } from '../src/random.ts'

const rhythm = { leastMs: 3_000, mostMs: 12_000, leastForMs: 0, mostForMs: 300 }
const choices: readonly (readonly StrikeChoice[])[] = [
  [{ kind: 'kill', victims: ['server'] }],
  [{ kind: 'pause', victims: ['server', 'store'] }],
]

test('the same seed strikes the same at the same moments, another one something else', () => {
  const strikes = strikeSchedule(new Random(7), 120_000, rhythm, choices)
  assert.deepEqual(strikeSchedule(new Random(7), 120_000, rhythm, choices), strikes)
  assert.notDeepEqual(strikeSchedule(new Random(8), 120_000, rhythm, choices), strikes)
})

test('strikes keep their distance and stay within the load', () => {
  let before = 0
  const strikes = strikeSchedule(new Random(1), 600_000, rhythm, choices)
  assert.ok(strikes.length >= 600_000 / (rhythm.mostMs + rhythm.mostForMs) - 1)
  for (const { atMs, forMs } of strikes) {
    assert.ok(atMs - before >= rhythm.leastMs && atMs - before <= rhythm.mostMs)
    assert.ok(forMs >= rhythm.leastForMs && forMs <= rhythm.mostForMs)
    before = atMs + forMs
    assert.ok(before <= 600_000)
  }
})

test('sooner or later everything that may be struck is', () => {
  const kinds = strikeSchedule(new Random(3), 600_000, rhythm, choices).map(({ kind }) => kind)
  assert.deepEqual(new Set(kinds), new Set(['kill', 'pause']))
})

test('where nothing may be struck, nothing is', () => {
  assert.deepEqual(strikeSchedule(new Random(3), 600_000, rhythm, []), [])
})
