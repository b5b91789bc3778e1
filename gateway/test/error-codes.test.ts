import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERROR_CODES } from '@satchel/protocol'
import { ofCommands } from './provocations/of-commands.ts'
import { ofConversations } from './provocations/of-conversations.ts'
import { ofMedia } from './provocations/of-media.ts'
import { ofHttp, ofSessions } from './provocations/of-sessions.ts'
import type { Provocations } from './provocations/provocation.ts'
import { openTestServer } from './test-server.ts'

const provocations: Provocations = {
  ...ofConversations,
  ...ofCommands,
  ...ofSessions,
  ...ofHttp,
  ...ofMedia,
}

/** What only a deployment of several processes can answer. */
const ONLY_DISTRIBUTED: readonly string[] = []

test('every error code is provoked below', () => {
  assert.deepEqual(
    [...Object.keys(provocations), ...ONLY_DISTRIBUTED].toSorted(),
    Object.keys(ERROR_CODES).toSorted(),
  )
})

test('a client can be answered', async (context) => {
  // As it is started; those that need another one have their own.
  const plain = await openTestServer(context)
  for (const [code, { options, provoke }] of Object.entries(provocations)) {
    await context.test(code, async (own) => {
      const server = options === undefined ? plain : await openTestServer(own, options)
      assert.equal(await provoke(server), code)
    })
  }
})
