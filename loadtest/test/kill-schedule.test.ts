import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killSchedule } from '../src/chaos/kill-schedule.ts'
import { Random } from '../src/random.ts'

const rhythm = { leastMs: 3_000, mostMs: 12_000 }

test('the same seed kills at the same moments, another one at others', () => {
  const kills = killSchedule(new Random(7), 120_000, rhythm)
  assert.deepEqual(killSchedule(new Random(7), 120_000, rhythm), kills)
  assert.notDeepEqual(killSchedule(new Random(8), 120_000, rhythm), kills)
})

test('kills keep their distance and stay within the load', () => {
  let before = 0
  const kills = killSchedule(new Random(1), 600_000, rhythm)
  assert.ok(kills.length >= 600_000 / rhythm.mostMs - 1)
  for (const { atMs } of kills) {
    assert.ok(atMs - before >= rhythm.leastMs && atMs - before <= rhythm.mostMs)
    assert.ok(atMs <= 600_000)
    before = atMs
  }
})
