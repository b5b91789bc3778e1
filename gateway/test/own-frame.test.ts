import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  newConversationId,
  newOutboxId,
  type CommandId,
  type ConversationEvent,
} from '@satchel/protocol'
import { OwnFrame } from '../src/socket/own-frame.ts'
import { SharedFrame, createServerCodecs } from '../src/socket/shared-frame.ts'
import { userIdOf } from './test-server.ts'

test('an own frame is byte for byte what encoding it whole would give', () => {
  const codecs = createServerCodecs()
  const conversationId = newConversationId('group')
  for (const seq of [1, 200, 70_000, 5_000_000_000]) {
    const commandId: CommandId = { outbox: newOutboxId(), counter: seq % 0xff_ffff }
    const content = { kind: 'message_sent', body: { version: seq, text: 'hello' } } as const
    const authorId = userIdOf('alice')
    const event: ConversationEvent = { seq, ordinal: seq, timeMs: seq, authorId, content }
    const plain = new SharedFrame(codecs, { type: 'event', conversationId, event })
    const own = new OwnFrame(codecs, plain, conversationId, { ...event, commandId })
    for (const form of ['msgpack', 'json'] as const) {
      const whole = codecs[form].encode({
        type: 'event',
        conversationId,
        event: { ...event, commandId },
      })
      assert.deepEqual(Buffer.from(own.bytes(form)), Buffer.from(whole))
    }
  }
})
