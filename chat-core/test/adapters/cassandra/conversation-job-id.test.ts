import assert from 'node:assert/strict'
import { it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import { conversationJobId } from '../../../src/adapters/cassandra/conversation-job-id.ts'
import { ALICE, BOB } from '../../support/people.ts'

it('is the same for the same erasure, and another for the next one of the same user', () => {
  const erasure = {
    kind: 'erase_user',
    conversationId: newConversationId('group'),
    userId: ALICE,
    seq: 7,
    blankMessages: true,
  } as const
  const id = conversationJobId(erasure)
  assert.equal(conversationJobId({ ...erasure }), id)
  assert.notEqual(conversationJobId({ ...erasure, seq: 12 }), id)
  assert.notEqual(conversationJobId({ ...erasure, userId: BOB }), id)
  assert.notEqual(conversationJobId({ ...erasure, blankMessages: false }), id)
})
