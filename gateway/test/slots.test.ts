import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Slots } from '../src/socket/slots.ts'

test('so many work at once, the others in the order they came, whether or not it fails', async () => {
  const slots = new Slots(2)
  const begun: string[] = []
  const ends = new Map<string, (isFine: boolean) => void>()
  const outcomes = ['first', 'second', 'third', 'fourth'].map((name) =>
    slots.use(async () => {
      begun.push(name)
      const { promise, resolve } = Promise.withResolvers<boolean>()
      ends.set(name, resolve)
      if (!(await promise)) throw new Error(name)
      return name
    }),
  )
  const settled = Promise.allSettled(outcomes)
  await turn()
  assert.deepEqual(begun, ['first', 'second'])
  ends.get('second')?.(false)
  await turn()
  assert.deepEqual(begun, ['first', 'second', 'third'])
  ends.get('first')?.(true)
  await turn()
  assert.deepEqual(begun, ['first', 'second', 'third', 'fourth'])
  ends.get('third')?.(true)
  ends.get('fourth')?.(true)
  const [first, second] = await settled
  assert.deepEqual(first, { status: 'fulfilled', value: 'first' })
  assert.equal(second?.status, 'rejected')
  assert.equal(await slots.use(async () => 'room again'), 'room again')
})

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
