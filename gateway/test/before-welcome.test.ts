import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSE_CODES, newConversationId } from '@satchel/protocol'
import { openTestServer } from './test-server.ts'

test('whoever sends too much before the welcome is closed, lest what follows passes what was refused', async (context) => {
  const { connect, tokenOf } = await openTestServer(context)
  const token = await tokenOf('alice')
  const alice = await connect()
  const group = newConversationId('group')
  const create = { kind: 'create_conversation', conversationKind: 'group' } as const
  const asked = [alice.hello(token), alice.command({ conversationId: group }, create)]
  for (let count = 0; count < 80; count++) asked.push(alice.say(group, String(count)))
  await Promise.allSettled(asked)
  const { code } = await alice.untilClosed()
  assert.equal(code, CLOSE_CODES.rate_limited.code)
})
