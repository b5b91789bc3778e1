import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ClaimQueue } from '../../src/owner/claim-queue.ts'
import { ManualTimers } from '../support/manual-timers.ts'

describe('partitions to be claimed', () => {
  it('are claimed two at a time, each once its owner had time to let go of it', () => {
    const { queue, timers } = createQueue([0, 1, 2], 300)
    assert.deepEqual(queue.begin(), [])
    assert.equal(queue.nextDueMs, 300)
    timers.advance(300)
    assert.deepEqual(queue.begin(), [0, 1])
    assert.equal(queue.nextDueMs, undefined)
    queue.finished()
    assert.deepEqual(queue.begin(), [2])
  })

  it('are claimed at once when they are let go of, and the others may take their time then', () => {
    const { queue, timers } = createQueue([0, 1], 300)
    timers.advance(200)
    queue.letGo(1)
    assert.deepEqual(queue.begin(), [1])
    timers.advance(299)
    assert.deepEqual(queue.begin(), [])
    timers.advance(1)
    assert.deepEqual(queue.begin(), [0])
  })

  it('are put off by others being let go of for a second, and no longer', () => {
    const { queue, timers } = createQueue([0, 1], 300)
    for (const other of [2, 3, 4, 5, 6]) {
      timers.advance(250)
      queue.letGo(other)
      assert.deepEqual(queue.begin(), [])
    }
    timers.advance(50)
    assert.deepEqual(queue.begin(), [0, 1])
  })

  it('are claimed at once when they had been let go of before they were wanted', () => {
    const { queue } = createQueue([], 0)
    queue.letGo(5)
    queue.add(5, 300)
    assert.deepEqual(queue.begin(), [5])
  })
})

function createQueue(partitions: readonly number[], delayMs: number) {
  const timers = new ManualTimers()
  const queue = new ClaimQueue(timers)
  for (const partition of partitions) queue.add(partition, delayMs)
  return { queue, timers }
}
