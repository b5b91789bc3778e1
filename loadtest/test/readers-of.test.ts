import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newConversationId, parseUserId, type ConversationId } from '@satchel/protocol'
import { readersOf, type ReadingDevice } from '../src/chaos/readers-of.ts'
import { directConversationId } from '../src/client/direct-conversation-id.ts'
import type { JournaledAnswer, JournaledCommand } from '../src/journal.ts'

const user = (name: string) => parseUserId(name)!
const ALICE = user('alice')
const BOB = user('bob')
const APPLIED: JournaledAnswer = { kind: 'applied', seq: 1 }

function command(
  kind: JournaledCommand['kind'],
  conversationId: ConversationId,
  answers: JournaledAnswer[],
): JournaledCommand {
  return { key: 'key:1', conversationId, kind, target: undefined, intendedMs: 0, answers }
}

function device(
  userId: typeof ALICE,
  commands: readonly JournaledCommand[],
  followers: ReadingDevice['followers'] = new Map(),
): ReadingDevice {
  return { userId, journal: { commands }, followers }
}

test('a conversation is read by whoever made it, as its followers know', () => {
  const group = newConversationId('group')
  const sent = command('send_message', group, [APPLIED])
  const bob = device(BOB, [sent], new Map([[group, { creatorId: ALICE }]]))
  assert.deepEqual([...readersOf([bob])], [[group, ALICE]])
})

test('of what nobody has heard of yet, whoever was answered there and has to have stayed', () => {
  const made = newConversationId('group')
  const direct = directConversationId(ALICE, BOB)
  const refused = newConversationId('group')
  const alice = device(ALICE, [
    command('create_conversation', made, [APPLIED]),
    command('send_message', direct, [APPLIED]),
    command('create_conversation', refused, []),
    command('send_message', newConversationId('group'), [APPLIED]),
  ])
  assert.deepEqual(
    [...readersOf([alice])],
    [
      [made, ALICE],
      [direct, ALICE],
    ],
  )
})
