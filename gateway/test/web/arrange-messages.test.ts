import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConversationEvent, Message } from '@satchel/client'
import { parseUserId } from '@satchel/protocol'
import type { UserId } from '@satchel/protocol'
import { arrangeMessages } from '../../web/conversation/arrange-messages.ts'
import type { Row } from '../../web/conversation/arrange-messages.ts'
import { describeNotice } from '../../web/words/describe-notice.ts'

const NOON_MS = new Date(2026, 5, 10, 12).getTime()
const MINUTE_MS = 60_000

function user(id: string): UserId {
  return parseUserId(id) as UserId
}

function message(seq: number | undefined, authorId: string, minutes: number): Message {
  return {
    key: seq === undefined ? 'local' : `#${String(seq)}`,
    conversationId: undefined,
    seq,
    ordinal: seq,
    timeMs: NOON_MS + minutes * MINUTE_MS,
    authorId: user(authorId),
    mine: authorId === 'me',
    text: 'words',
    mentions: [],
    mentionAll: false,
    data: undefined,
    edited: false,
    deleted: false,
    silent: false,
    replyTo: undefined,
    attachments: [],
    reactions: [],
    gapBefore: false,
    local: seq === undefined ? { state: 'pending' } : undefined,
  }
}

function notice(seq: number, minutes: number): ConversationEvent {
  return {
    seq,
    ordinal: 0,
    timeMs: NOON_MS + minutes * MINUTE_MS,
    authorId: user('ann'),
    content: { kind: 'member_left' },
    commandId: undefined,
  }
}

function arrange(
  messages: readonly Message[],
  {
    notices = [],
    readUpTo,
    isFromBeginning = true,
  }: { notices?: ConversationEvent[]; readUpTo?: number; isFromBeginning?: boolean } = {},
): readonly string[] {
  return arrangeMessages({ messages, notices, readUpTo, isFromBeginning, myId: 'me' }).map(say)
}

function say(row: Row): string {
  if (row.kind !== 'message') return row.kind === 'notice' ? `notice ${row.key}` : row.kind
  return `${row.key}${row.first ? ' first' : ''}${row.last ? ' last' : ''}`
}

test('messages by one author within five minutes stand together', () => {
  const rows = arrange([
    message(1, 'ann', 0),
    message(2, 'ann', 4),
    message(3, 'ann', 8),
    message(4, 'bob', 8),
    message(5, 'bob', 14),
  ])
  assert.deepEqual(rows, ['day', '#1 first', '#2', '#3 last', '#4 first last', '#5 first last'])
})

test('a notice stands where it happened, and parts what it stands between', () => {
  const rows = arrange([message(1, 'ann', 0), message(3, 'ann', 1)], { notices: [notice(2, 0)] })
  assert.deepEqual(rows, ['day', '#1 first last', 'notice #2', '#3 first last'])
})

test('every new day begins with its title', () => {
  const rows = arrange([message(1, 'ann', 0), message(2, 'ann', 24 * 60)])
  assert.deepEqual(rows, ['day', '#1 first last', 'day', '#2 first last'])
})

test('the divider stands once, above the first unread message of somebody else', () => {
  const rows = arrange(
    [message(1, 'ann', 0), message(2, 'me', 1), message(3, 'ann', 2), message(4, 'ann', 3)],
    { readUpTo: 1 },
  )
  assert.deepEqual(rows, ['day', '#1 first last', '#2 first last', 'unread', '#3 first', '#4 last'])
})

test('no divider stands above what only happens to be loaded first', () => {
  const loaded = [message(51, 'ann', 0), message(52, 'ann', 1)]
  const partly = { readUpTo: 20, isFromBeginning: false }
  assert.deepEqual(arrange(loaded, partly), ['day', '#51 first', '#52 last'])
  assert.ok(arrange([message(20, 'ann', 0), ...loaded], partly).includes('unread'))
})

test('a gap stands above the message behind it', () => {
  const rows = arrange([message(1, 'ann', 0), { ...message(9, 'ann', 1), gapBefore: true }])
  assert.deepEqual(rows, ['day', '#1 first last', 'gap', '#9 first last'])
})

test('what is on its way stands below everything, also below later notices', () => {
  const rows = arrange([message(1, 'me', 0), message(undefined, 'me', 1)], {
    notices: [notice(5, 1)],
  })
  assert.deepEqual(rows, ['day', '#1 first last', 'notice #5', 'local first last'])
})

test('a change of the conversation stands beside what it was called before', () => {
  const named = (seq: number, title: string): ConversationEvent => ({
    ...notice(seq, seq),
    content: { kind: 'conversation_updated', title },
  })
  const notices = [named(2, 'Trip'), notice(3, 3), named(4, 'Trip'), named(5, 'Sailing')]
  const messages = [message(1, 'ann', 1)]
  const all = { messages, notices, readUpTo: undefined, isFromBeginning: false, myId: 'me' }
  const rows = arrangeMessages(all)
  const said = rows.flatMap((row) =>
    row.kind === 'notice'
      ? [describeNotice(row.event, { ...row, myId: user('me'), nameOf: (id) => id })]
      : [],
  )
  assert.deepEqual(said, [
    'ann changed the name or settings',
    'ann left',
    'ann changed the settings',
    'ann changed the name to “Sailing”',
  ])
})
