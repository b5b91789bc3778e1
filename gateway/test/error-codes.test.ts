import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERROR_CODES } from '@satchel/protocol'
import { PROVOCATIONS } from './provocations.ts'
import { openTestServer } from './test-server.ts'

/** What only a deployment of several processes can answer. */
const ONLY_DISTRIBUTED: readonly string[] = []

test('every error code is provoked below', () => {
  assert.deepEqual(
    [...Object.keys(PROVOCATIONS), ...ONLY_DISTRIBUTED].toSorted(),
    Object.keys(ERROR_CODES).toSorted(),
  )
})

for (const [code, provocation] of Object.entries(PROVOCATIONS)) {
  test(`a client can be answered ${code}`, async (context) => {
    const server = await openTestServer(context, provocation.options)
    assert.equal(await provocation.provoke(server), code)
  })
}
