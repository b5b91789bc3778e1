import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  CLIENT_FRAMES,
  REQUESTS,
  SERVER_FRAMES,
  SUBPROTOCOLS,
  chooseForm,
  createClientCodec,
  createServerCodec,
  type Schema,
  type WireForm,
} from '../src/index.ts'
import { anyServerFrame, arbitraryOf, clientFrames, serverFrames } from './frame-arbitraries.ts'

const forms: readonly WireForm[] = ['msgpack', 'json']

for (const form of forms) {
  const server = createServerCodec(form)
  const client = createClientCodec(form)

  describe(`the ${form} form`, () => {
    for (const layout of CLIENT_FRAMES) {
      it(`brings ${layout.type} from client to server unchanged`, () => {
        fc.assert(
          fc.property(clientFrames(layout), (frame) => {
            assert.deepEqual(server.decode(client.encode(frame)), [frame])
          }),
          { numRuns: 50 },
        )
      })
    }

    for (const layout of SERVER_FRAMES) {
      it(`brings ${layout.type} from server to client unchanged`, () => {
        fc.assert(
          fc.property(serverFrames(layout), (frame) => {
            assert.deepEqual(client.decode(server.encode(frame)), [frame])
          }),
          { numRuns: 50 },
        )
      })
    }

    for (const [name, { result }] of Object.entries(REQUESTS)) {
      it(`brings the result of ${name} back to who asked`, () => {
        fc.assert(
          fc.property(arbitraryOf(result), (drawn) => {
            const value = (result as Schema<unknown>).format(drawn, form)
            const [frame] = client.decode(server.encode({ type: 'result', requestId: 7, value }))
            assert.equal(frame?.type, 'result')
            assert.deepEqual(result.parse(frame.value, form), drawn)
          }),
          { numRuns: 50 },
        )
      })
    }

    it('reads several frames back to back in one message', () => {
      fc.assert(
        fc.property(fc.array(anyServerFrame, { maxLength: 5 }), (frames) => {
          const message = Buffer.concat(frames.map((frame) => server.encode(frame)))
          assert.deepEqual(client.decode(message), frames)
        }),
        { numRuns: 50 },
      )
    })

    it('keeps nothing of the message it was given', () => {
      fc.assert(
        fc.property(anyServerFrame, (frame) => {
          const message = server.encode(frame)
          const decoded = client.decode(message)
          message.fill(0)
          assert.deepEqual(decoded, [frame])
        }),
      )
    })
  })
}

describe('an encoded frame', () => {
  it('keeps its bytes while later frames are encoded', () => {
    const server = createServerCodec('msgpack')
    fc.assert(
      fc.property(fc.array(anyServerFrame, { minLength: 2, maxLength: 8 }), (frames) => {
        const encoded = frames.map((frame) => server.encode(frame))
        const copies = encoded.map((bytes) => bytes.slice())
        for (const frame of frames) server.encode(frame)
        assert.deepEqual(encoded, copies)
      }),
    )
  })

  it('holds replacement characters where the program gave half a surrogate pair', () => {
    const server = createServerCodec('msgpack')
    const client = createClientCodec('msgpack')
    const frame = { type: 'people', requestId: 1, prefix: 'a\ud800' } as const
    assert.deepEqual(server.decode(client.encode(frame)), [{ ...frame, prefix: 'a\ufffd' }])
  })

  it('of the JSON form is one line of text', () => {
    const client = createClientCodec('json')
    const line = new TextDecoder().decode(client.encode({ type: 'pong' }))
    assert.equal(line, '[63]\n')
  })
})

describe('a client of another version', () => {
  const server = createServerCodec('json')

  it('may send more fields than the server knows', () => {
    const conversationId = 'I' + 'A'.repeat(21)
    assert.deepEqual(server.decode(`[13,7,"${conversationId}",5,"new",{"more":true}]`), [
      { type: 'catch_up', requestId: 7, conversationId, seq: 5 },
    ])
  })

  it('may send more keys in a map than the server knows', () => {
    assert.deepEqual(server.decode('[22,7,{"name":"Bob","pronouns":"he"}]'), [
      { type: 'update_profile', requestId: 7, profile: { name: 'Bob' } },
    ])
  })

  it('may leave absent fields out or send them as null', () => {
    const hello = { type: 'hello', requestId: 1, token: 't', deviceId: 'd' }
    assert.deepEqual(server.decode('[10,1,"t","d"]\n[10,1,"t","d",null]'), [hello, hello])
  })

  it('is told which request has an unknown operation', () => {
    const [frame] = server.decode('[999,7,"x"]')
    assert.equal(frame?.type, 'unreadable')
    assert.equal(frame.requestId, 7)
    assert.equal(frame.error.code, 'unknown_op')
  })

  it('does not lose the frames around one that is not understood', () => {
    const types = server.decode('[63]\n[11,7]\n[63]').map((frame) => frame.type)
    assert.deepEqual(types, ['pong', 'unreadable', 'pong'])
  })
})

describe('a frame that is not understood', () => {
  it('names the request it answers, so that nobody waits for it', () => {
    const [frame] = createClientCodec('json').decode('[1,9,404]')
    assert.equal(frame?.type, 'unreadable')
    assert.equal(frame.requestId, 9)
  })

  it('names no request when a server sends what the client does not know', () => {
    const [frame] = createClientCodec('json').decode('[999,9]')
    assert.equal(frame?.type, 'unreadable')
    assert.equal(frame.requestId, undefined)
  })

  it('keeps its seq when a client does not know what kind of event it is', () => {
    const line =
      '[80,"IAECAwQFBgcICQoLDA0ODw",[49,46,1790000000049,"alice",{"kind":"poll_opened","poll":7}]]'
    const [frame] = createClientCodec('json').decode(line)
    assert.ok(frame?.type === 'event')
    assert.equal(frame.event.seq, 49)
    assert.deepEqual(frame.event.content, { kind: 'unknown' })
  })

  it('names no request when it is a signal', () => {
    const [frame] = createServerCodec('json').decode('[61,9]')
    assert.equal(frame?.type, 'unreadable')
    assert.equal(frame.requestId, undefined)
  })
})

describe('the sub-protocol', () => {
  it('is MessagePack when both are offered', () => {
    assert.equal(chooseForm([SUBPROTOCOLS.json, SUBPROTOCOLS.msgpack]), 'msgpack')
  })

  it('is JSON when only that is offered', () => {
    assert.equal(chooseForm(['soap', SUBPROTOCOLS.json]), 'json')
  })

  it('is none when nothing known is offered', () => {
    assert.equal(chooseForm(['soap']), undefined)
  })
})
