import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { SERVER_DECODE_LIMITS } from '../src/decode-limits.ts'
import { MessagePackReader } from '../src/message-pack-reader.ts'
import { messagePackTree } from './message-pack-tree.ts'

const reader = new MessagePackReader(SERVER_DECODE_LIMITS)

function readHex(hex: string): unknown[] {
  return reader.read(Buffer.from(hex, 'hex'))
}

describe('the MessagePack reader', () => {
  it('reads what another implementation writes', () => {
    fc.assert(
      fc.property(messagePackTree, (value) => {
        assert.deepEqual(reader.read(encode(value)), [value])
      }),
      { numRuns: 500 },
    )
  })

  it('reads floats of both precisions', () => {
    fc.assert(
      fc.property(fc.float(), (value) => {
        const short = encode(value + 0.5, { forceFloat32: true })
        assert.deepEqual(reader.read(short), [decode(short)])
      }),
    )
    assert.deepEqual(readHex('cbc004000000000000'), [-2.5])
  })

  it('reads integers in every width, not only the shortest', () => {
    const same = ['05', 'cc05', 'cd0005', 'ce00000005', 'cf0000000000000005']
    const signed = ['d005', 'd10005', 'd200000005', 'd30000000000000005']
    for (const hex of [...same, ...signed]) assert.deepEqual(readHex(hex), [5], hex)
    const negative = ['fb', 'd0fb', 'd1fffb', 'd2fffffffb', 'd3fffffffffffffffb']
    for (const hex of negative) assert.deepEqual(readHex(hex), [-5], hex)
  })

  it('reads the greatest and the least integer that are exact', () => {
    assert.deepEqual(readHex('cf001fffffffffffff'), [Number.MAX_SAFE_INTEGER])
    assert.deepEqual(readHex('d3001fffffffffffff'), [Number.MAX_SAFE_INTEGER])
    assert.deepEqual(readHex('d3ffe0000000000001'), [Number.MIN_SAFE_INTEGER])
  })

  it('reads text with every width of length', () => {
    const hi = '6869'
    for (const lead of ['a2', 'd902', 'da0002', 'db00000002']) {
      assert.deepEqual(readHex(lead + hi), ['hi'], lead)
    }
  })

  it('keeps a byte order mark at the beginning of text', () => {
    for (const text of ['\ufeffhi', '\ufeff' + 'x'.repeat(300)]) {
      assert.deepEqual(reader.read(encode(text)), [text])
    }
  })

  it('reads the last of two values with one key', () => {
    assert.deepEqual(readHex('82a16101a16102'), [{ a: 2 }])
  })

  it('reads correctly again after a refusal', () => {
    assert.throws(() => readHex('9191919191c1'), { code: 'bad_frame' })
    assert.deepEqual(readHex('9105'), [[5]])
  })
})
