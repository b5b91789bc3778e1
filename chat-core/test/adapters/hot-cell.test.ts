import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONVERSATION_KINDS, newOutboxId, type ErrorCode } from '@satchel/protocol'
import fc from 'fast-check'
import type { HeadCell, StoredEvent } from '../../src/adapters/cell-value.ts'
import {
  HotCells,
  type OutboxCell,
  parseEvent,
  parseHeadCell,
  parseOutboxCell,
} from '../../src/adapters/hot-cell.ts'
import { personNamed } from '../support/people.ts'

const formats = new HotCells()

/** Objects as our code makes them. */
const plain = { noNullPrototype: true } as const
const number = fc.nat({ max: 2 ** 48 - 1 })
const uint32 = fc.nat({ max: 2 ** 32 - 1 })
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const userId = fc.stringMatching(/^[\w\u00e9 .-]{1,20}$/).map(personNamed)
const code: fc.Arbitrary<ErrorCode> = fc.constantFrom('not_allowed', 'last_owner', 'too_late')

const answer = fc.oneof(
  fc.record({ kind: fc.constant('applied' as const), seq: number, timeMs: number }, plain),
  fc.record({ kind: fc.constant('applied' as const), timeMs: number }, plain),
  fc.record({ kind: fc.constant('rejected' as const), code, message: text }, plain),
)
const outbox: fc.Arbitrary<OutboxCell['value']> = fc.record(
  {
    slot: fc.nat({ max: 4_095 }),
    highestCounter: uint32,
    lastUsedMs: number,
    answers: fc.array(fc.record({ counter: uint32, contentHash: uint32, answer }, plain), {
      maxLength: 16,
    }),
  },
  plain,
)
const head: fc.Arbitrary<HeadCell> = fc.record(
  {
    head: fc.record(
      {
        seq: number,
        ordinal: number,
        timeMs: number,
        createdMs: number,
        kind: fc.constantFrom(...CONVERSATION_KINDS),
        creatorId: userId,
        membershipSeq: number,
        memberCount: uint32,
        fanout: fc.constantFrom('small', 'large'),
        deleted: fc.boolean(),
      },
      plain,
    ),
    position: fc.record({ generation: number, record: number, index: uint32 }, plain),
  },
  plain,
)
const event: fc.Arbitrary<StoredEvent> = fc.record(
  {
    seq: number,
    ordinal: number,
    timeMs: number,
    authorId: userId,
    content: fc.record(
      {
        kind: fc.constant('message_sent' as const),
        body: fc.record(
          {
            version: number,
            text,
            mentions: fc.array(userId, { maxLength: 2 }),
            mentionAll: fc.constant(true),
            deleted: fc.constant(true),
          },
          { ...plain, requiredKeys: ['version'] },
        ),
        replyTo: number,
        silent: fc.constant(true),
      },
      { ...plain, requiredKeys: ['kind', 'body'] },
    ),
  },
  plain,
)

test('outboxes come back as they were', () => {
  fc.assert(
    fc.property(userId, outbox, (owner, value) => {
      const row = { row: 'outbox', userId: owner, outbox: newOutboxId(), value } as const
      assert.deepEqual(parseOutboxCell(formats.formatOutbox(row), value.slot), row)
    }),
  )
})

test('heads come back as they were', () => {
  fc.assert(
    fc.property(head, (cell) => {
      assert.deepEqual(parseHeadCell(formats.formatHead(cell)), cell)
    }),
  )
})

test('messages come back as they were, with everything they may carry', () => {
  fc.assert(
    fc.property(event, (stored) => {
      assert.deepEqual(parseEvent(formats.formatEvent(stored)), stored)
    }),
  )
})

test('the longest text there may be comes back', () => {
  const content = {
    kind: 'message_sent' as const,
    body: { version: 1, text: '€'.repeat(8_192 / 2) },
  }
  const stored = { seq: 1, ordinal: 1, timeMs: 1, authorId: personNamed('x'.repeat(64)), content }
  for (let round = 0; round < 3; round++)
    assert.deepEqual(parseEvent(formats.formatEvent(stored)), stored)
})

test('a plain message takes few bytes beside its text', () => {
  const content = { kind: 'message_sent' as const, body: { version: 9, text: 'x'.repeat(100) } }
  const stored = { seq: 9, ordinal: 8, timeMs: 1, authorId: personNamed('alice'), content }
  assert.ok(formats.formatEvent(stored).length <= 140)
})
