import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  ChatError,
  createClientCodec,
  createServerCodec,
  type ClientCodec,
  type ServerCodec,
} from '../src/index.ts'
import { anyClientFrame, anyServerFrame } from './frame-arbitraries.ts'

const server = { msgpack: createServerCodec('msgpack'), json: createServerCodec('json') }
const client = { msgpack: createClientCodec('msgpack'), json: createClientCodec('json') }

const seed = Date.now() % 0x7fff_ffff
const runs = { seed, numRuns: 3_000 }

/** Whatever the bytes: frames, or `bad_frame`. What is not understood has an answer that fits into a frame. */
function holdsUp(codec: ServerCodec | ClientCodec, message: Uint8Array | string): void {
  try {
    for (const frame of codec.decode(message)) {
      if (frame.type !== 'unreadable') continue
      assert.ok(['bad_request', 'too_large', 'unknown_op'].includes(frame.error.code))
      assert.ok(frame.error.message.length <= 1_024, frame.error.message)
    }
  } catch (error) {
    assert.ok(error instanceof ChatError, `threw ${String(error)}`)
    assert.equal(error.code, 'bad_frame')
  }
}

/** A message with some of its bytes overwritten, left out, doubled or put in. */
function mutated(original: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(),
    remove: fc.nat({ max: 4 }),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      // Lead bytes with a meaning come up too rarely among random ones.
      fc
        .constantFrom('91', 'dc0040', 'de0020', 'c0', 'c1', 'cfffffffffffffffff', 'd9ff', 'a2c328')
        .map((hex) => Buffer.from(hex, 'hex')),
    ),
  })
  return fc
    .tuple(original, fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) =>
      changes.reduce<Uint8Array>((current, { at, remove, insert }) => {
        const position = at % (current.length + 1)
        return Buffer.concat([
          current.subarray(0, position),
          insert,
          current.subarray(position + remove),
        ])
      }, bytes),
    )
}

describe(`the decoders, seed ${String(seed)}`, () => {
  it('hold up against random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        for (const codec of [server.msgpack, server.json, client.msgpack, client.json]) {
          holdsUp(codec, bytes)
        }
      }),
      runs,
    )
  })

  it('hold up against mutated frames of clients', () => {
    fc.assert(
      fc.property(mutated(anyClientFrame.map((frame) => client.msgpack.encode(frame))), (bytes) => {
        holdsUp(server.msgpack, bytes)
      }),
      runs,
    )
  })

  it('hold up against mutated frames of servers', () => {
    fc.assert(
      fc.property(mutated(anyServerFrame.map((frame) => server.msgpack.encode(frame))), (bytes) => {
        holdsUp(client.msgpack, bytes)
      }),
      runs,
    )
  })

  it('hold up against mutated lines of the JSON form', () => {
    fc.assert(
      fc.property(mutated(anyClientFrame.map((frame) => client.json.encode(frame))), (bytes) => {
        holdsUp(server.json, bytes)
        holdsUp(server.json, Buffer.from(bytes).toString('latin1'))
      }),
      runs,
    )
  })

  it('hold up against any JSON behind any operation number', () => {
    const op = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(-1, 1e9, 1.5))
    const frame = fc.tuple(op, fc.array(fc.jsonValue({ maxDepth: 5 }), { maxLength: 8 }))
    fc.assert(
      fc.property(frame, ([first, rest]) => {
        const line = JSON.stringify([first, ...rest])
        holdsUp(server.json, line)
        holdsUp(client.json, line)
      }),
      runs,
    )
  })
})
