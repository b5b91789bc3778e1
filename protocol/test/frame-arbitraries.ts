import fc from 'fast-check'
import {
  CLIENT_FRAMES,
  SERVER_FRAMES,
  conversationIdFrom,
  encodeBase64url,
  type ClientFrame,
  type Fields,
  type FrameLayout,
  type Schema,
  type ServerFrame,
} from '../src/index.ts'

// Any value a schema describes, as programs hold it: ids and bytes as base64url text.

const bytesOf = (length: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((drawn: Uint8Array) => encodeBase64url(drawn))

/** What stands behind the names that schemas give to checked text and ids. */
const namedArbitraries: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  'user id': fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
    .map((drawn) => fitting(drawn, 64)),
  'device id': fc.stringMatching(/^[\w.:-]{1,64}$/),
  emoji: fc.constantFrom('🎉', '👍', '❤️', '👩‍🚀', 'x'),
  'conversation id': fc
    .tuple(
      fc.constantFrom('direct', 'group', 'channel'),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    )
    .map(([kind, drawn]) => conversationIdFrom(kind, drawn)),
  'attachment id': bytesOf(16),
  'blob key': bytesOf(16),
  'SHA-256': bytesOf(32),
  'command id': fc.record(
    { outbox: bytesOf(5), counter: fc.integer({ min: 1, max: 0xff_ffff }) },
    { noNullPrototype: true },
  ),
}

const plainText = fc.string({ unit: 'binary', maxLength: 40 })
const jsonLeaf = fc.oneof(
  plainText,
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((drawn) => drawn + 0),
)
const refusedKeys = ['__proto__', 'constructor', 'toJSON']
const jsonKey = fc
  .string({ unit: 'grapheme', maxLength: 8 })
  .filter((key) => !refusedKeys.includes(key))
const jsonObject = fc.dictionary(
  jsonKey,
  fc.oneof(
    jsonLeaf,
    fc.array(jsonLeaf, { maxLength: 3 }),
    fc.dictionary(jsonKey, jsonLeaf, { maxKeys: 3, noNullPrototype: true }),
  ),
  { maxKeys: 4, noNullPrototype: true },
)

export function arbitraryOf(schema: Schema<unknown>): fc.Arbitrary<unknown> {
  const { shape } = schema
  switch (shape.is) {
    case 'text':
      return plainText.map((drawn) => fitting(drawn, shape.max))
    case 'choice':
      return fc.constantFrom(...shape.values)
    case 'named':
      return requireNamed(schema.name)
    case 'integer':
      return fc.oneof(
        fc.integer({ min: shape.min, max: Math.min(shape.max, shape.min + 300) }),
        fc.maxSafeNat().map((drawn) => Math.max(shape.min, drawn % shape.max)),
        fc.constantFrom(shape.min, shape.max),
      )
    case 'boolean':
      return fc.boolean()
    case 'bytes':
      return fc.nat({ max: shape.max }).chain(bytesOf)
    case 'json':
      return jsonObject
    case 'list':
      return fc.array(arbitraryOf(shape.item), { maxLength: Math.min(shape.max, 3) })
    case 'map':
    case 'tuple':
      return arbitraryOfFields(shape.fields)
    case 'variants':
      return fc.oneof(
        ...Object.entries(shape.table).map(([kind, variant]) =>
          arbitraryOf(variant).map((drawn) => Object.assign({ kind }, drawn)),
        ),
      )
    case 'unchecked':
      return fc.constant({})
  }
}

function requireNamed(name: string): fc.Arbitrary<unknown> {
  const found = namedArbitraries[name]
  if (found === undefined) throw new Error(`Nothing here makes a ${name}.`)
  return found
}

/** The longest beginning of `text` with at most `max` bytes of UTF-8. */
function fitting(text: string, max: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(max))
  return text.slice(0, read)
}

function arbitraryOfFields(fields: Fields): fc.Arbitrary<Record<string, unknown>> {
  const values = Object.entries(fields).map(([key, schema]) => [key, arbitraryOf(schema)] as const)
  const required = Object.keys(fields).filter((key) => fields[key]?.optional !== true)
  return fc.record(Object.fromEntries(values), { requiredKeys: required, noNullPrototype: true })
}

function arbitraryOfFrame(layout: FrameLayout): fc.Arbitrary<unknown> {
  return arbitraryOfFields(layout.fields).map((fields) => ({ type: layout.type, ...fields }))
}

/** Any frame of one layout. */
export function clientFrames(layout: FrameLayout): fc.Arbitrary<ClientFrame> {
  return arbitraryOfFrame(layout) as fc.Arbitrary<ClientFrame>
}

export function serverFrames(layout: FrameLayout): fc.Arbitrary<ServerFrame> {
  return arbitraryOfFrame(layout) as fc.Arbitrary<ServerFrame>
}

/** Any frame a client may send. */
export const anyClientFrame = fc.oneof(...CLIENT_FRAMES.map(clientFrames))
/** Any frame a server may send. */
export const anyServerFrame = fc.oneof(...SERVER_FRAMES.map(serverFrames))
