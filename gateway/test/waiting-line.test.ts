import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WaitingLine } from '../src/limits/waiting-line.ts'

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

test('so many are inside at once, the others in the order they came', async () => {
  const line = new WaitingLine(2)
  const inside: string[] = []
  for (const name of ['first', 'second', 'third', 'fourth', 'fifth'])
    void line.enter().then(() => inside.push(name))
  await settled()
  assert.deepEqual(inside, ['first', 'second'])
  assert.equal(line.length, 3)
  line.leave()
  await settled()
  assert.deepEqual(inside, ['first', 'second', 'third'])
  line.leave()
  line.leave()
  await settled()
  assert.deepEqual(inside, ['first', 'second', 'third', 'fourth', 'fifth'])
  assert.equal(line.length, 0)
})

test('who comes while nobody waits goes in at once, as often as there was room', async () => {
  const line = new WaitingLine(1)
  for (let round = 0; round < 3; round++) {
    await line.enter()
    line.leave()
  }
  await line.enter()
  let isIn = false
  void line.enter().then(() => (isIn = true))
  await settled()
  assert.equal(isIn, false)
  line.leave()
  await settled()
  assert.equal(isIn, true)
})
