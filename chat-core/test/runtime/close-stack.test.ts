import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CloseStack } from '../../src/runtime/close-stack.ts'

test('what was opened last is closed first, once', async () => {
  const closed: string[] = []
  const stack = new CloseStack()
  for (const name of ['store', 'log', 'socket']) stack.add(name, () => void closed.push(name))
  await Promise.all([stack.close(), stack.close()])
  assert.deepEqual(closed, ['socket', 'log', 'store'])
})

test('one that fails or hangs keeps none of the others open', async () => {
  const closed: string[] = []
  const stack = new CloseStack({ deadlineMs: 20 })
  stack.add('store', () => void closed.push('store'))
  stack.add('hung', () => Promise.withResolvers<undefined>().promise.then(() => undefined))
  stack.add('broken', () => Promise.reject(new Error('broken')))
  await assert.rejects(stack.close(), (error) => {
    assert.ok(error instanceof AggregateError)
    assert.deepEqual(
      error.errors.map((one) => String(one)),
      ['Error: broken', 'Error: hung did not close within 20 ms'],
    )
    return true
  })
  assert.deepEqual(closed, ['store'])
})
