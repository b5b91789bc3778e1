import assert from 'node:assert/strict'
import { it } from 'node:test'
import { newConversationId } from '@satchel/protocol'
import { CommandLanes } from '../src/command-lanes.ts'

it('remembers about a thousand conversations, however many are refused', () => {
  const lanes = new CommandLanes()
  const refused = Array.from({ length: 20_000 }, () => newConversationId('group'))
  for (const id of refused) lanes.of(id).refusing = true
  assert.ok(lanes.size <= 1_024, `${String(lanes.size)} lanes`)
  for (const id of refused) assert.equal(lanes.of(id).refusing, true)
})

it('forgets conversations in which all went well without refusing anything', () => {
  const lanes = new CommandLanes()
  for (let count = 0; count < 5_000; count++)
    assert.equal(lanes.of(newConversationId('group')).refusing, false)
  assert.ok(lanes.size <= 1_024, `${String(lanes.size)} lanes`)
})

it('keeps what is in use', () => {
  const lanes = new CommandLanes()
  const [queued, unanswered] = [newConversationId('group'), newConversationId('group')]
  const kept = [lanes.of(queued), lanes.of(unanswered)]
  lanes.of(queued).queued = 1
  lanes.of(unanswered).unanswered = 1
  for (let count = 0; count < 5_000; count++) lanes.of(newConversationId('group')).refusing = true
  assert.deepEqual([lanes.of(queued), lanes.of(unanswered)], kept)
})
