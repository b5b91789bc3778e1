import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newConversationId, parseUserId } from '@satchel/protocol'
import type { ConversationKind, InboxEntry } from '@satchel/protocol'
import type { MessageAttachment } from '@satchel/client'
import { describeForward, mayForward } from '../../web/forward/describe-forward.ts'
import { listTargets } from '../../web/forward/forward-target.ts'
import { Names } from '../../web/people/names.ts'

const names = new Names({ users: () => Promise.resolve([]) })
const [me, ann, bob] = ['me', 'Ann', 'bob'].map(user)
const nowhere = { id: undefined, peerId: undefined }

test('a message goes to conversations the user may write in, and to people without one', () => {
  const entries = [
    entry('group', { title: 'Family', role: 'member' }),
    entry('channel', { title: 'News' }),
    entry('group', { title: 'Gone', role: 'member', deleted: true }),
    entry('direct', { peerId: ann!, role: 'member' }),
  ]
  const people = [{ id: ann! }, { id: bob!, name: 'Bob' }]
  const titles = (query: string, from: { id: string | undefined; peerId: string | undefined }) =>
    listTargets({ entries, people, query, from }, names, me!).map(({ title }) => title)
  assert.deepEqual(titles('', nowhere), ['Family', 'Ann', 'Bob'])
  assert.deepEqual(titles(' aN', nowhere), ['Ann'])
  const { conversationId } = entries[0]!
  assert.deepEqual(titles('', { id: conversationId, peerId: undefined }), ['Ann', 'Bob'])
  assert.deepEqual(titles('', { id: undefined, peerId: bob }), ['Family', 'Ann'])
})

test('what is said of a message that is forwarded', () => {
  const text = { seq: 1, deleted: false, text: 'Hello', attachments: [] }
  assert.deepEqual(describeForward(text), { summary: 'Hello' })
  const deleted = describeForward({ ...text, deleted: true, text: '' })
  assert.match(deleted.problem ?? '', /not there any more/)
  const coming = { ...text, attachments: [file('ready'), file('processing')] }
  assert.match(describeForward(coming).problem ?? '', /^Not ready yet: Photo/)
  const partly = { ...text, attachments: [file('ready'), file('rejected')] }
  assert.match(describeForward(partly).note ?? '', /left out/)
  assert.equal(describeForward(partly).problem, undefined)
})

test('there is no forwarding of what has not arrived, or has nothing left in it', () => {
  const message = { seq: 1, deleted: false, text: '', attachments: [file('rejected')] }
  assert.equal(mayForward(message), false)
  assert.equal(mayForward({ ...message, text: 'Hello' }), true)
  assert.equal(mayForward({ ...message, text: 'Hello', seq: undefined }), false)
  assert.equal(mayForward({ ...message, attachments: [file('uploading')] }), true)
})

function file(state: MessageAttachment['state']): MessageAttachment {
  // Only its state and type are looked at.
  return { state, name: 'a.jpg', contentType: 'image/jpeg' } as MessageAttachment
}

function entry(kind: ConversationKind, facts: Partial<InboxEntry>): InboxEntry {
  const conversationId = newConversationId(kind === 'direct' ? 'group' : kind)
  return { conversationId, conversationKind: kind, memberCount: 2, ...facts } as InboxEntry
}

function user(id: string) {
  const parsed = parseUserId(id)
  assert.ok(parsed)
  return parsed
}
