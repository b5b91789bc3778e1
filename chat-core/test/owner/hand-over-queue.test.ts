import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HandOverQueue } from '../../src/owner/hand-over-queue.ts'
import { eventually } from '../support/eventually.ts'
import { ManualTimers } from '../support/manual-timers.ts'

const MANY = Array.from({ length: 10 }, (_, partition) => partition)

describe('partitions to be handed over', () => {
  it('go two at a time, the next one when another has been taken over', async () => {
    const { queue, handedOver } = createQueue(MANY)
    await eventually(() => assert.deepEqual(handedOver, [0, 1]))
    queue.takenOver(1)
    await eventually(() => assert.deepEqual(handedOver, [0, 1, 2]))
    queue.takenOver(0)
    queue.takenOver(2)
    await eventually(() => assert.deepEqual(handedOver, [0, 1, 2, 3, 4]))
  })

  it('go all at once when nobody takes one over', async () => {
    const { queue, handedOver, timers } = createQueue(MANY)
    let isEmpty = false
    const emptied = queue.emptied().then(() => (isEmpty = true))
    await eventually(() => assert.equal(timers.waiting, 2))
    timers.advance(249)
    assert.deepEqual([handedOver.length, isEmpty], [2, false])
    timers.advance(1)
    await emptied
    assert.deepEqual(handedOver, MANY)
  })

  it('go all at once when letting go of one takes long itself, and are done when all are gone', async () => {
    const timers = new ManualTimers()
    const gone = Promise.withResolvers<boolean>()
    const begun: number[] = []
    const queue = new HandOverQueue(timers, (partition) => {
      begun.push(partition)
      return gone.promise
    })
    for (const partition of MANY) queue.add(partition)
    assert.deepEqual(begun, [0, 1])
    timers.advance(250)
    await eventually(() => assert.deepEqual(begun, MANY))
    let isEmpty = false
    const emptied = queue.emptied().then(() => (isEmpty = true))
    timers.advance(1_000)
    assert.equal(isEmpty, false)
    gone.resolve(true)
    await emptied
  })

  it('wait for nobody where there was nothing to hand over', async () => {
    const { queue, handedOver } = createQueue(MANY, () => false)
    await queue.emptied()
    assert.deepEqual(handedOver, MANY)
  })

  it('stay when they are to be kept before it is their turn', async () => {
    const { queue, handedOver } = createQueue([0, 1, 2, 3])
    queue.remove(2)
    for (const partition of [0, 1]) queue.takenOver(partition)
    await eventually(() => assert.deepEqual(handedOver, [0, 1, 3]))
    queue.takenOver(3)
    await queue.emptied()
    assert.equal(handedOver.includes(2), false)
  })

  it('are handed over once, however often that is asked', async () => {
    const { queue, handedOver } = createQueue([7, 7])
    queue.add(7)
    await eventually(() => assert.deepEqual(handedOver, [7]))
    queue.takenOver(7)
    await queue.emptied()
    assert.deepEqual(handedOver, [7])
  })
})

function createQueue(partitions: readonly number[], isFree: () => boolean = () => true) {
  const timers = new ManualTimers()
  const handedOver: number[] = []
  const queue = new HandOverQueue(timers, async (partition) => {
    handedOver.push(partition)
    return isFree()
  })
  for (const partition of partitions) queue.add(partition)
  return { queue, handedOver, timers }
}
