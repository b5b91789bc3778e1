import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Repeats } from '../../src/runtime/repeats.ts'

test('what goes on is said at first, then once a minute with how often it was not', () => {
  let nowMs = 5_000
  const repeats = new Repeats({ elapsedMs: () => nowMs })
  const said: (number | undefined)[] = []
  for (let second = 0; second < 121; second++) {
    said.push(repeats.take('redis'))
    nowMs += 1_000
  }
  assert.deepEqual(
    said.map((unsaid, second) => [second, unsaid]).filter(([, unsaid]) => unsaid !== undefined),
    [
      [0, 0],
      [60, 59],
      [120, 59],
    ],
  )
})

test('each thing is said for itself, and anew once it was over', () => {
  const repeats = new Repeats({ elapsedMs: () => 0 })
  assert.equal(repeats.take('redis'), 0)
  assert.equal(repeats.take('nats'), 0)
  assert.equal(repeats.take('redis'), undefined)
  repeats.end('redis')
  assert.equal(repeats.take('redis'), 0)
})
