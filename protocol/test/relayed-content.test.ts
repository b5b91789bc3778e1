import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  ChatError,
  LIMITS,
  REQUESTS,
  conversationIdFrom,
  createClientCodec,
  createServerCodec,
  newOutboxId,
  parseUserId,
  type ClientFrame,
  type ConversationEvent,
  type JsonObject,
  type JsonValue,
  type MessageBody,
  type UnreadableFrame,
  type WireForm,
} from '../src/index.ts'

const forms: readonly WireForm[] = ['msgpack', 'json']
const conversationId = conversationIdFrom('group', new Uint8Array(16))
const authorId = parseUserId('alice') ?? assert.fail()
const timeMs = 1_790_000_000_000

const server = { msgpack: createServerCodec('msgpack'), json: createServerCodec('json') }
const client = { msgpack: createClientCodec('msgpack'), json: createClientCodec('json') }

function takenBy(form: WireForm, message: Uint8Array): ClientFrame | UnreadableFrame | undefined {
  try {
    return server[form].decode(message)[0]
  } catch (error) {
    assert.ok(error instanceof ChatError && error.code === 'bad_frame')
    return undefined
  }
}

/** The content as the server has it after a client in `form` sent it; `undefined` when it was refused. */
function sent(
  form: WireForm,
  text: string,
  data: JsonObject,
): Pick<MessageBody, 'text' | 'data'> | undefined {
  const commandId = { outbox: newOutboxId(), counter: 1 }
  const command = { kind: 'send_message', text, data } as const
  const frame: ClientFrame = { type: 'command', requestId: 1, commandId, conversationId, command }
  const received = takenBy(form, client[form].encode(frame))
  if (received?.type !== 'command' || received.command.kind !== 'send_message') return undefined
  return received.command
}

/** Puts the content where it lies deepest, the last message of an inbox line in `welcome`, and reads it as a client. */
function relayed(form: WireForm, content: object): unknown {
  const body = { version: 7, ...content }
  const event = {
    seq: 7,
    ordinal: 5,
    timeMs,
    authorId,
    content: { kind: 'message_sent', body },
  } as ConversationEvent
  const head = { seq: 7, ordinal: 5, timeMs }
  const { result } = REQUESTS.hello
  const welcome = {
    sessionId: 's',
    user: { id: authorId },
    serverTimeMs: timeMs,
    maxMessageBytes: LIMITS.maxMessageBytes,
    upload: { maxBytes: 1, singlePutBytes: 1, partBytes: 1, maxPending: 1 },
    conversations: [
      {
        conversationId,
        conversationKind: 'group',
        joinedSeq: 1,
        memberCount: 2,
        head,
        read: { seq: 1, ordinal: 0 },
        unread: 5,
        mentions: 0,
        lastMessage: event,
      },
    ],
    more: false,
    gone: [],
  } as const
  const value = result.format(welcome, form)
  const bytes = server[form].encode({ type: 'result', requestId: 1, value })
  const [frame] = client[form].decode(bytes)
  if (frame?.type !== 'result') assert.fail('the answer is none')
  const { content: read } =
    result.parse(frame.value, form).conversations[0]?.lastMessage ?? assert.fail()
  return read
}

function assertReadable(content: object): void {
  const expected = { kind: 'message_sent', body: { version: 7, ...content } }
  for (const form of forms) assert.deepEqual(relayed(form, content), expected)
}

describe('what the server takes from one client', () => {
  it('can be read by all others, in both forms', () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 100 })
    const anyData = fc.dictionary(
      fc.string({ maxLength: 5 }),
      fc.jsonValue({ maxDepth: 7, noUnicodeString: false }),
      { noNullPrototype: true },
    )
    let taken = 0
    fc.assert(
      fc.property(fc.constantFrom(...forms), anyText, anyData, (form, text, data) => {
        const content = sent(form, text, data as JsonObject)
        if (content === undefined) return
        taken++
        assertReadable({ text: content.text, data: content.data })
      }),
      { numRuns: 500 },
    )
    assert.ok(taken > 100, `only ${String(taken)} of 500 were taken`)
  })

  it('can be read at the very limits', () => {
    let deepest: JsonValue = 'here'
    for (let depth = 1; depth < LIMITS.dataNesting; depth++) deepest = [deepest]
    const widest = Array<JsonValue>(LIMITS.maxArrayLength).fill(0)
    const others = Array.from(
      { length: LIMITS.maxMapLength - 2 },
      (_, index) => [`k${String(index)}`, 1] as const,
    )
    const data = { deepest, widest, ...Object.fromEntries(others) }
    const text = 'é'.repeat(LIMITS.textBytes / 2)
    for (const form of forms) {
      assert.deepEqual(sent(form, text, data)?.data, data)
      assertReadable({ text, data })
    }
    for (const form of forms) assert.equal(sent(form, '', { deepest: [deepest] }), undefined)
  })
})
