import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reach } from '../../src/runtime/reach.ts'
import { ManualTimers } from '../support/manual-timers.ts'

/** Five seconds pass, and whoever was asked has answered. */
async function pass(timers: ManualTimers, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) {
    timers.advance(5_000)
    await new Promise(setImmediate)
  }
}

test('what is away for a moment is there, what is away for twenty seconds is not, until it answers', async () => {
  const timers = new ManualTimers()
  let isAway = false
  const ask = (): Promise<void> => (isAway ? Promise.reject(new Error('away')) : Promise.resolve())
  const reach = new Reach({ timers, ask })
  assert.ok(reach.isThere)
  await pass(timers, 60)
  isAway = true
  await pass(timers, 15)
  assert.ok(reach.isThere)
  await pass(timers, 5)
  assert.ok(!reach.isThere)
  isAway = false
  await pass(timers, 5)
  assert.ok(reach.isThere)
  reach.close()
  assert.ok(!reach.isThere)
  assert.equal(timers.waiting, 0)
})

test('whoever never answers is asked once, and away', async () => {
  const timers = new ManualTimers()
  let asked = 0
  const ask = (): Promise<void> => {
    asked++
    return Promise.withResolvers<undefined>().promise
  }
  const reach = new Reach({ timers, ask })
  await pass(timers, 20)
  assert.ok(!reach.isThere)
  assert.equal(asked, 1)
  reach.close()
})
