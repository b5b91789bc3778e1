import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  ChatError,
  LIMITS,
  createClientCodec,
  createServerCodec,
  type ClientFrame,
  type UnreadableFrame,
} from '../src/index.ts'
import { frameVectors, messageOf, refusedVectors } from './golden-vectors.ts'

const server = { msgpack: createServerCodec('msgpack'), json: createServerCodec('json') }
const client = { msgpack: createClientCodec('msgpack'), json: createClientCodec('json') }

const maxMs = 50
const maxGrowthBytes = 10 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

type Outcome = readonly (ClientFrame | UnreadableFrame)[] | ChatError

function outcomeOf(form: 'msgpack' | 'json', message: Uint8Array | string): Outcome {
  try {
    return server[form].decode(message)
  } catch (error) {
    assert.ok(error instanceof ChatError, `threw ${String(error)}`)
    return error
  }
}

/** Asserts what one hostile message may cost, and says what became of it. */
function costBounded(form: 'msgpack' | 'json', message: Uint8Array | string): Outcome {
  collectGarbage()
  const before = process.memoryUsage().rss
  const outcome = outcomeOf(form, message)
  const growth = process.memoryUsage().rss - before
  assert.ok(growth < maxGrowthBytes, `took ${String(growth)} bytes`)

  // The best of three: another process may have had the processor during one.
  const tries = [1, 2, 3].map(() => {
    const start = performance.now()
    outcomeOf(form, message)
    return performance.now() - start
  })
  assert.ok(Math.min(...tries) < maxMs, `took ${tries.join(', ')} ms`)
  return outcome
}

describe('hostile input', () => {
  for (const { name, form, answer, ...rest } of refusedVectors) {
    it(`in ${form} is refused at no cost: ${name}`, () => {
      const outcome = costBounded(form, messageOf({ name, form, ...rest }))
      if (answer === undefined) {
        assert.ok(outcome instanceof ChatError, 'was accepted')
        assert.equal(outcome.code, 'bad_frame')
        assert.match(outcome.message, /^the message /)
        return
      }
      assert.ok(!(outcome instanceof ChatError), 'was refused as a whole')
      const [frame] = outcome
      assert.equal(frame?.type, 'unreadable')
      const { code, details } = frame.error
      const { requestId, field } = { requestId: undefined, field: undefined, ...answer }
      assert.deepEqual(
        { code, requestId: frame.requestId, field: details.field },
        { code: answer.code, requestId, field },
      )
    })
  }

  for (const { name, from, hex } of frameVectors) {
    it(`is refused wherever it is cut off: ${name}`, () => {
      const whole = Buffer.from(hex, 'hex')
      const reader = from === 'client' ? server.msgpack : client.msgpack
      for (let length = 1; length < whole.length; length++) {
        assert.throws(() => reader.decode(whole.subarray(0, length)), {
          code: 'bad_frame',
          message: 'the message is truncated',
        })
      }
    })

    it(`is refused when something follows: ${name}`, () => {
      const reader = from === 'client' ? server.msgpack : client.msgpack
      for (const trailing of ['05', 'c0', 'a161', '80', '90', '91', 'c1', 'd4']) {
        const message = Buffer.from(hex + trailing, 'hex')
        assert.throws(() => reader.decode(message), { code: 'bad_frame' }, trailing)
      }
    })
  }

  it('of many small values within every limit stays small', () => {
    // As much structure as fits: 64 frames of 63 lists of three empty lists, 16,384 bytes in all.
    const frame = `dc00403f${'93909090'.repeat(63)}`
    const message = Buffer.from(frame.repeat(64), 'hex')
    assert.equal(message.length, LIMITS.maxMessageBytes)
    const outcome = costBounded('msgpack', message)
    assert.ok(!(outcome instanceof ChatError), 'was refused')
    assert.deepEqual(new Set(outcome.map(({ type }) => type)), new Set(['pong']))
  })

  it('that gives a key twice means its last value, in both forms', () => {
    const profile = { type: 'update_profile', requestId: 7, profile: { name: 'b' } }
    const bytes = Buffer.from('93160782a46e616d65a161a46e616d65a162', 'hex')
    assert.deepEqual(server.msgpack.decode(bytes), [profile])
    assert.deepEqual(server.json.decode('[22,7,{"name":"a","name":"b"}]'), [profile])
  })

  it('under names of the language stays data', () => {
    const [frame] = server.json.decode(
      '[22,7,{"constructor":{"prototype":{"admin":true}},"toString":1,"name":"b"}]',
    )
    assert.deepEqual(frame, { type: 'update_profile', requestId: 7, profile: { name: 'b' } })
    assert.equal('admin' in {}, false)
  })

  it('of the other form is refused, not guessed', () => {
    assert.throws(() => server.msgpack.decode('[63]'), { code: 'bad_frame' })
    assert.throws(() => server.json.decode(Buffer.from('913f', 'hex')), { code: 'bad_frame' })
    assert.throws(() => server.json.decode(Buffer.from([0x22, 0xff, 0x22])), { code: 'bad_frame' })
  })

  it('that is empty holds no frames', () => {
    assert.deepEqual(server.msgpack.decode(new Uint8Array(0)), [])
    assert.deepEqual(server.json.decode('\n \n'), [])
  })

  it('does not disturb the messages after it', () => {
    for (const vector of refusedVectors) {
      outcomeOf(vector.form, messageOf(vector))
      assert.deepEqual(server.msgpack.decode(Buffer.from('913f', 'hex')), [{ type: 'pong' }])
      assert.deepEqual(server.json.decode('[63]'), [{ type: 'pong' }])
    }
  })
})
