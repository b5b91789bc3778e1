import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closeAfter } from '../close-after.mjs'

/** A test that others can end. */
function startTest() {
  const hooks: (() => Promise<void>)[] = []
  return {
    after: (work: () => Promise<void>): void => void hooks.push(work),
    async end(): Promise<void> {
      for (const hook of hooks) await hook()
    },
  }
}

test('what a test opened last is closed first, each before the next', async () => {
  const closed: string[] = []
  const over = startTest()
  for (const name of ['servers', 'product', 'browser'])
    closeAfter(over, async () => {
      await Promise.resolve()
      closed.push(name)
    })
  await over.end()
  assert.deepEqual(closed, ['browser', 'product', 'servers'])
})

test('one that fails keeps none of the others open, and the first failure is told', async () => {
  const closed: string[] = []
  const over = startTest()
  closeAfter(over, () => closed.push('servers'))
  closeAfter(over, () => Promise.reject(new Error('the product')))
  closeAfter(over, () => {
    throw new Error('the browser')
  })
  await assert.rejects(over.end(), { message: 'the browser' })
  assert.deepEqual(closed, ['servers'])
})
