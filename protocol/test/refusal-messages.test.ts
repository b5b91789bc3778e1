import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { createServerCodec, schema, type ErrorDetails } from '../src/index.ts'

const server = createServerCodec('json')
const group = 'IAECAwQFBgcICQoLDA0ODw'

function refusalOf(line: string): { readonly message: string; readonly details: ErrorDetails } {
  const [frame] = server.decode(line)
  assert.equal(frame?.type, 'unreadable')
  return frame.error
}

function send(command: unknown): string {
  return JSON.stringify([12, 7, '8PHy8_QAAAE', group, command])
}

const long = 'x'.repeat(8_193)
const deep = { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } }

/** What somebody reads who got it wrong, and has not seen the code. */
const messages: readonly (readonly [given: string, message: string])[] = [
  [
    '[13,7]',
    'conversationId: missing, expected conversation id (16 bytes, the first four bits name its kind)',
  ],
  [`[13,7,"${group}","5"]`, 'seq: expected integer ≥ 0, got text'],
  [`[14,7,"${group}",null,null,null,101]`, 'limit: expected integer 1…100, got 101'],
  [`[60,"${group}","seen",5]`, 'mark: expected `read` or `delivered`, got "seen"'],
  ['[21,7,"bob"]', 'ids: expected list of user id, ≤ 50, got text'],
  ['[21,7,["bob",""]]', 'ids.1: expected user id (1 to 64 bytes, no control characters), got text'],
  [`[21,7,${JSON.stringify(Array(51).fill('bob'))}]`, 'ids: more than 50 items'],
  ['[22,7,[]]', 'profile: expected profile (a map), got a list'],
  [
    '[10,7,"t","a b"]',
    'deviceId: expected device id (1 to 64 letters, digits, `_`, `-`, `.`, `:`), got text',
  ],
  [
    '[30,7,{"attachmentId":"oKGio6SlpqeoqaqrrK2urw","name":"a","sizeBytes":1,"contentType":"a/b","sha256":"AAAA"}]',
    'upload.sha256: expected SHA-256 (32 bytes), got text',
  ],
  [send('hi'), 'command: expected command (a map), got text'],
  [send({ text: 'hi' }), 'command.kind: missing, expected one of'],
  [
    send({ kind: 'say' }),
    'command.kind: expected one of create_conversation, update_conversation,',
  ],
  [send({ kind: 'send_message', text: long }), 'command.text: longer than 8192 bytes'],
  [send({ kind: 'send_message', silent: 'yes' }), 'command.silent: expected boolean, got text'],
  [
    send({ kind: 'send_message', attachments: [{}] }),
    'command.attachments.0.id: missing, expected attachment id (16 bytes)',
  ],
  [
    send({ kind: 'send_message', data: [] }),
    'command.data: expected JSON object ≤ 2048 bytes, got a list',
  ],
  [
    send({ kind: 'send_message', data: { a: 'x'.repeat(2_048) } }),
    'command.data: longer than 2048 bytes',
  ],
  [
    send({ kind: 'react', target: 1, emoji: 'a b' }),
    'command.emoji: expected emoji (1 to 32 bytes, no spaces or control characters), got text',
  ],
  [
    send({ kind: 'create_conversation', conversationKind: 'direct' }),
    'command.conversationKind: expected `group` or `channel`, got "direct"',
  ],
  [
    send({ kind: 'update_conversation', title: 'x'.repeat(201) }),
    'command.title: longer than 200 characters',
  ],
]

describe('a refusal', () => {
  for (const [given, message] of messages) {
    it(`says “${message}”`, () => {
      const refusal = refusalOf(given)
      assert.ok(refusal.message.startsWith(message), refusal.message)
      assert.ok(refusal.message.startsWith(`${String(refusal.details.field)}: `))
    })
  }

  it('says which limit was met', () => {
    assert.equal(refusalOf(send({ kind: 'send_message', text: long })).details.limit, 8_192)
    assert.equal(refusalOf(`[21,7,${JSON.stringify(Array(51).fill('bob'))}]`).details.limit, 50)
  })

  it('does not repeat text, which may be a secret', () => {
    const { message } = refusalOf('[10,7,"secret-token","secret device"]')
    assert.doesNotMatch(message, /secret/)
  })

  it('fits into an error frame, whatever word it repeats', () => {
    const { message } = refusalOf(send({ kind: '"\\'.repeat(4_000) }))
    assert.ok(message.length <= 1_024, message)
  })
})

describe('data of the integrator', () => {
  const data = schema.json(2_048)
  const parse = (value: unknown) => () => data.parse(value, 'json')

  it('may be anything JSON can say', () => {
    const value = { a: [1, 2.5, -1e300, null, true, { b: '🎉' }], toString: 1, '': '' }
    assert.deepEqual(data.parse(value, 'msgpack'), value)
  })

  it('is refused where it is deeper or longer than frames can carry later', () => {
    assert.doesNotThrow(parse(deep.a))
    assert.throws(parse(deep), { code: 'too_large', message: 'nested deeper than 6' })
    assert.throws(parse({ a: Array(65).fill(0) }), {
      code: 'too_large',
      message: 'has a list of more than 64 items',
    })
    const keys = Object.fromEntries(
      Array.from({ length: 33 }, (_, index) => [`k${String(index)}`, 0]),
    )
    assert.throws(parse(keys), { code: 'too_large', message: 'has a map of more than 32 keys' })
  })

  it('is refused at any depth without a stack overflow', () => {
    let nested: unknown = 1
    for (let depth = 0; depth < 100_000; depth++) nested = [nested]
    assert.throws(parse({ nested }), { code: 'too_large' })
  })

  it('is refused where JSON and MessagePack would differ', () => {
    const objects = [new Uint8Array(1), new Date(), new Map()]
    for (const value of [NaN, Infinity, undefined, 1n, () => 1, ...objects]) {
      assert.throws(parse({ value }), { code: 'bad_request' }, inspect(value))
    }
    assert.throws(parse(JSON.parse('{"__proto__":1}')), { code: 'bad_request' })
    assert.throws(parse({ '\ud800': 1 }), { code: 'bad_request' })
  })

  it('is refused where encoders would take a key for their own', () => {
    for (const key of ['constructor', 'toJSON']) {
      const refusal = { code: 'bad_request', message: `has a key \`${key}\`` }
      assert.throws(parse({ [key]: 'x' }), refusal)
      assert.throws(parse({ list: [{ [key]: 1 }] }), refusal)
    }
    assert.doesNotThrow(parse({ toString: 'x', valueOf: 'y' }))
  })
})
