import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { MessagePackWriter } from '../src/message-pack-writer.ts'
import { messagePackTree } from './message-pack-tree.ts'

const writer = new MessagePackWriter()
const written = (value: unknown): Uint8Array => writer.write(value).slice()
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('the MessagePack writer', () => {
  it('writes what another implementation reads, and as shortly', () => {
    fc.assert(
      fc.property(messagePackTree, (value) => {
        const bytes = written(value)
        assert.deepEqual(decode(bytes), value)
        assert.equal(hexOf(bytes), hexOf(encode(value)))
      }),
      { numRuns: 500 },
    )
  })

  it('writes numbers and lengths in the shortest form at every border', () => {
    const borders = [0x1f, 0x20, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000]
    const wide = [2 ** 31, 2 ** 32, 2 ** 33, Number.MAX_SAFE_INTEGER]
    for (const border of [...borders, ...wide]) {
      for (const value of [border - 1, border, -border, -border - 1, border + 0.5])
        assert.equal(hexOf(written(value)), hexOf(encode(value)), String(value))
    }
    for (const length of borders) {
      const text = 'x'.repeat(length)
      const values = [text, `${text.slice(1)}ü`, 'ü'.repeat(length), '😀'.repeat(length)]
      for (const value of [...values, Buffer.from(text), Array.from(text)])
        assert.equal(hexOf(written(value)), hexOf(encode(value)), String(length))
      const map = Object.fromEntries(Array.from(text, (_, index) => [`k${index}`, index]))
      assert.equal(hexOf(written(map)), hexOf(encode(map)), String(length))
    }
  })

  it('leaves out entries that are undefined, and only those', () => {
    const value = { a: undefined, b: null, c: [undefined, false], d: { e: undefined } }
    assert.deepEqual(decode(written(value)), { b: null, c: [null, false], d: {} })
  })

  it('replaces half of a surrogate pair, as browsers do', () => {
    assert.equal(decode(written('a\ud800b')), 'a\ufffdb')
  })

  it('refuses what MessagePack has no form for, and goes on', () => {
    const views = [new Float32Array(2), new ArrayBuffer(2)]
    for (const value of [1n, () => 1, Symbol('s'), new Date(), new Map(), ...views])
      assert.throws(() => writer.write([value]), TypeError)
    assert.deepEqual(decode(written([1])), [1])
  })

  it('keeps nothing of a long value in a short one', () => {
    writer.write('x'.repeat(100_000))
    assert.deepEqual([...writer.write(5)], [5])
  })
})
