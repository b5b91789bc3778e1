import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeClientFrame, OPCODES, ServerFrameReader } from '../src/wire/web-socket-frames.ts'

function serverFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, length]), payload])
  const header = Buffer.alloc(length < 65_536 ? 4 : 10)
  header[0] = 0x80 | opcode
  header[1] = length < 65_536 ? 126 : 127
  if (length < 65_536) header.writeUInt16BE(length, 2)
  else header.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([header, payload])
}

test('frames of every length are found however the bytes are cut', () => {
  const payloads = [0, 1, 125, 126, 65_535, 65_536].map((length) => Buffer.alloc(length, length))
  const bytes = Buffer.concat(payloads.map((payload) => serverFrame(OPCODES.binary, payload)))
  for (const chunkBytes of [1, 2, 7, 1_000, bytes.length]) {
    const read: Buffer[] = []
    const reader = new ServerFrameReader((_, payload) => read.push(Buffer.from(payload)))
    for (let at = 0; at < bytes.length; at += chunkBytes)
      reader.push(bytes.subarray(at, at + chunkBytes))
    assert.deepEqual(read, payloads)
  }
})

test('a client frame is masked with zeros and carries its length', () => {
  const short = encodeClientFrame(OPCODES.binary, Buffer.from('hi'))
  assert.equal(short.toString('hex'), '8282000000006869')
  const longer = encodeClientFrame(OPCODES.text, Buffer.alloc(300))
  assert.equal(longer.subarray(0, 8).toString('hex'), '81fe012c00000000')
  const longest = encodeClientFrame(OPCODES.text, Buffer.alloc(70_000))
  assert.equal(longest.subarray(0, 10).toString('hex'), '81ff0000000000011170')
})

test('a server that masks or fragments is refused', () => {
  const reader = new ServerFrameReader(() => assert.fail('nothing to be read'))
  assert.throws(() => reader.push(Buffer.from([0x02, 0x00])), /fragmented/)
  const another = new ServerFrameReader(() => assert.fail('nothing to be read'))
  assert.throws(() => another.push(Buffer.from([0x82, 0x80])), /masked/)
})
