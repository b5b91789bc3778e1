import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  CLIENT_FRAMES,
  COMMANDS,
  REQUESTS,
  SERVER_FRAMES,
  createClientCodec,
  createServerCodec,
  eventContent,
  type Schema,
  type WireForm,
} from '../src/index.ts'
import { frameVectors, type FrameVector } from './golden-vectors.ts'

const codecs = {
  client: { msgpack: createClientCodec('msgpack'), json: createClientCodec('json') },
  server: { msgpack: createServerCodec('msgpack'), json: createServerCodec('json') },
}

function decoded({ from, frame, hex, resultOf }: FrameVector, form: WireForm): unknown {
  const message = form === 'json' ? JSON.stringify(frame) : Buffer.from(hex, 'hex')
  const reader = from === 'client' ? codecs.server[form] : codecs.client[form]
  const [found, ...more] = reader.decode(message)
  assert.ok(found !== undefined && more.length === 0)
  assert.ok(found.type !== 'unreadable', found.type === 'unreadable' ? found.error.message : '')
  if (resultOf === undefined || found.type !== 'result') return found
  return { ...found, value: resultSchema(resultOf).parse(found.value, form) }
}

function encoded(vector: FrameVector, form: WireForm): string {
  const frame = decoded(vector, form)
  const bytes =
    vector.from === 'client'
      ? codecs.client[form].encode(frame as never)
      : codecs.server[form].encode(written(vector, frame, form) as never)
  return form === 'json' ? Buffer.from(bytes).toString('utf8') : Buffer.from(bytes).toString('hex')
}

function written({ resultOf }: FrameVector, frame: unknown, form: WireForm): unknown {
  if (resultOf === undefined) return frame
  const { value, ...rest } = frame as { readonly value: unknown }
  return { ...rest, value: resultSchema(resultOf).format(value, form) }
}

function resultSchema(name: string): Schema<unknown> {
  const found = Object.entries(REQUESTS).find(([request]) => request === name)
  assert.ok(found !== undefined, `no request is called ${name}`)
  return found[1].result
}

describe('golden vectors of frames', () => {
  for (const vector of frameVectors) {
    it(`mean the same in both forms: ${vector.name}`, () => {
      assert.deepEqual(decoded(vector, 'msgpack'), decoded(vector, 'json'))
    })

    it(`are written byte for byte: ${vector.name}`, () => {
      assert.equal(encoded(vector, 'msgpack'), vector.hex)
      assert.equal(encoded(vector, 'json'), `${JSON.stringify(vector.frame)}\n`)
    })
  }

  it('have an example of every frame', () => {
    const given = new Set(frameVectors.map(({ from, frame }) => `${from} ${String(frame[0])}`))
    const wanted = [
      ...CLIENT_FRAMES.map(({ op, type }) => [`client ${String(op)}`, type] as const),
      ...SERVER_FRAMES.map(({ op, type }) => [`server ${String(op)}`, type] as const),
    ]
    assert.deepEqual(
      wanted.filter(([key]) => !given.has(key)),
      [],
    )
  })

  it('have an example of every result', () => {
    const given = new Set(frameVectors.map(({ resultOf }) => resultOf))
    assert.deepEqual(
      Object.keys(REQUESTS).filter((name) => !given.has(name)),
      [],
    )
  })

  it('have an example of every command and every event', () => {
    const given = new Set(frameVectors.flatMap(({ frame }) => kindsIn(frame)))
    const events = eventContent.shape.is === 'variants' ? Object.keys(eventContent.shape.table) : []
    assert.notEqual(events.length, 0)
    assert.deepEqual(
      [...Object.keys(COMMANDS), ...events].filter((kind) => !given.has(kind)),
      [],
    )
  })

  it('have names of their own', () => {
    const names = frameVectors.map(({ name }) => name)
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    )
  })
})

function kindsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = 'kind' in value && typeof value.kind === 'string' ? [value.kind] : []
  return [...own, ...Object.values(value).flatMap(kindsIn)]
}
