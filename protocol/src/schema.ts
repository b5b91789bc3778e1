import { decodeBase64url, encodeBase64url } from './base64url.ts'
import { ChatError } from './chat-error.ts'

/** How values travel: bytes as bytes (MessagePack), or as base64url text (JSON). */
export type WireForm = 'msgpack' | 'json'

/**
 * A type of the wire: how a value is read from untrusted input and how it is written.
 * `parse` throws `ChatError('bad_request')` naming the field; `format` trusts its input.
 */
export interface Schema<Value> {
  /** As PROTOCOL.md writes it. */
  readonly name: string
  readonly optional?: boolean
  parse(value: unknown, form: WireForm): Value
  format(value: Value, form: WireForm): unknown
}

export type ValueOf<S> = S extends Schema<infer Value> ? Value : never
export type Fields = Readonly<Record<string, Schema<unknown>>>

type OptionalKey<F extends Fields> = {
  [K in keyof F]: undefined extends ValueOf<F[K]> ? K : never
}[keyof F]
type Flat<T> = { readonly [K in keyof T]: T[K] }
/** The object a list of fields describes; fields that may be absent are optional. */
export type RecordOf<F extends Fields> = Flat<
  { [K in Exclude<keyof F, OptionalKey<F>>]: ValueOf<F[K]> } & {
    [K in OptionalKey<F>]?: ValueOf<F[K]>
  }
>

const utf8 = new TextEncoder()

function wrong(expected: string): ChatError {
  return new ChatError('bad_request', `expected ${expected}`)
}

/** Runs `parse` and, should it refuse, puts `field` in front of what it says. */
function parseField<Value>(
  field: string,
  schema: Schema<Value>,
  value: unknown,
  form: WireForm,
): Value {
  try {
    return schema.parse(value, form)
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    const inner = error.details.field
    const path = inner === undefined ? field : `${field}.${inner}`
    const reason = inner === undefined ? error.message : error.message.slice(inner.length + 2)
    throw new ChatError(error.code, `${path}: ${reason}`, { ...error.details, field: path })
  }
}

function utf8Length(text: string): number {
  return utf8.encode(text).length
}

function same<Value>(value: Value): unknown {
  return value
}

/** Text of at most `max` bytes of UTF-8 or `max` characters (UTF-16 units). */
export function text(max: number, unit: 'bytes' | 'characters' = 'bytes'): Schema<string> {
  const name = `text ≤ ${String(max)} ${unit}`
  return {
    name,
    parse(value) {
      if (typeof value !== 'string') throw wrong(name)
      if (
        value.length > max ||
        (unit === 'bytes' && value.length * 3 > max && utf8Length(value) > max)
      ) {
        throw new ChatError('too_large', `longer than ${String(max)} ${unit}`, { limit: max })
      }
      return value
    },
    format: same,
  }
}

/** Text that `read` accepts. */
export function parsedText<Value extends string>(
  name: string,
  read: (text: string) => Value | undefined,
): Schema<Value> {
  return {
    name,
    parse(value) {
      const parsed = typeof value === 'string' ? read(value) : undefined
      if (parsed === undefined) throw wrong(name)
      return parsed
    },
    format: same,
  }
}

export function oneOf<const Value extends string>(values: readonly Value[]): Schema<Value> {
  const name = values.map((value) => `\`${value}\``).join(' | ')
  return parsedText(name, (candidate) => values.find((value) => value === candidate))
}

/** A whole number from `min` to `max`, at most 2^53 - 1. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Schema<number> {
  const name =
    max === Number.MAX_SAFE_INTEGER
      ? `integer ≥ ${String(min)}`
      : `integer ${String(min)}…${String(max)}`
  return {
    name,
    parse(value) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max)
        throw wrong(name)
      return value
    },
    format: same,
  }
}

export const flag: Schema<boolean> = {
  name: 'boolean',
  parse(value) {
    if (typeof value !== 'boolean') throw wrong('boolean')
    return value
  },
  format: same,
}

/** Bytes on the wire, in memory what `read` makes of their base64url text. */
export function bytesAs<Value extends string>(
  name: string,
  read: (base64url: string) => Value | undefined,
): Schema<Value> {
  return {
    name,
    parse(value, form) {
      const encoded =
        form === 'msgpack' && value instanceof Uint8Array ? encodeBase64url(value) : value
      const wellFormed =
        form === 'msgpack' ? value instanceof Uint8Array : typeof value === 'string'
      const parsed = wellFormed && typeof encoded === 'string' ? read(encoded) : undefined
      if (parsed === undefined) throw wrong(name)
      return parsed
    },
    format: (value, form) => (form === 'msgpack' ? decodeBase64url(value) : value),
  }
}

/** At most `max` bytes, in memory as base64url. */
export function bytes(max: number): Schema<string> {
  return bytesAs(`bytes ≤ ${String(max)}`, (encoded) =>
    encoded.length * 3 <= max * 4 + 3 && decodeBase64url(encoded) !== undefined
      ? encoded
      : undefined,
  )
}

export function list<Value>(item: Schema<Value>, max: number): Schema<readonly Value[]> {
  const name = `list of ${item.name}, ≤ ${String(max)}`
  return {
    name,
    parse(value, form) {
      if (!Array.isArray(value)) throw wrong(name)
      if (value.length > max) {
        throw new ChatError('too_large', `more than ${String(max)} items`, { limit: max })
      }
      return value.map((entry: unknown, index) => parseField(String(index), item, entry, form))
    },
    format: (value, form) => value.map((entry) => item.format(entry, form)),
  }
}

/** A field that may be absent: missing, `null` and a missing trailing position all mean absent. */
export function optional<Value>(schema: Schema<Value>): Schema<Value | undefined> {
  return {
    name: `${schema.name}, optional`,
    optional: true,
    parse: (value, form) =>
      value === undefined || value === null ? undefined : schema.parse(value, form),
    format: (value, form) => (value === undefined ? null : schema.format(value, form)),
  }
}

/** A map with the given keys; other keys are ignored. Absent values are not written. */
export function map<const F extends Fields>(
  fields: F,
  name = 'map',
): Schema<RecordOf<F>> & { readonly fields: F } {
  const entries = Object.entries(fields)
  return {
    name,
    fields,
    parse(value, form) {
      if (
        typeof value !== 'object' ||
        value === null ||
        Array.isArray(value) ||
        value instanceof Uint8Array
      ) {
        throw wrong(name)
      }
      const given = value as Readonly<Record<string, unknown>>
      const parsed: Record<string, unknown> = {}
      for (const [key, schema] of entries) {
        const field = parseField(key, schema, given[key], form)
        if (field !== undefined) parsed[key] = field
      }
      return parsed as RecordOf<F>
    },
    format(value, form) {
      const given = value as Readonly<Record<string, unknown>>
      const formatted: Record<string, unknown> = {}
      for (const [key, schema] of entries) {
        if (given[key] !== undefined) formatted[key] = schema.format(given[key], form)
      }
      return formatted
    },
  }
}

/** An array with the given fields in their order; further positions are ignored, absent last ones left out. */
export function tuple<const F extends Fields>(
  fields: F,
  name = 'array',
): Schema<RecordOf<F>> & { readonly fields: F } {
  const entries = Object.entries(fields)
  return {
    name,
    fields,
    parse(value, form) {
      if (!Array.isArray(value)) throw wrong(name)
      const given: readonly unknown[] = value
      const parsed: Record<string, unknown> = {}
      for (const [position, [key, schema]] of entries.entries()) {
        const field = parseField(key, schema, given[position], form)
        if (field !== undefined) parsed[key] = field
      }
      return parsed as RecordOf<F>
    },
    format(value, form) {
      const given = value as Readonly<Record<string, unknown>>
      let length = entries.length
      while (length > 0 && given[entries[length - 1]?.[0] ?? ''] === undefined) length--
      return entries.slice(0, length).map(([key, schema]) => schema.format(given[key], form))
    },
  }
}

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** Any JSON object for the integrator's use, at most `max` bytes as JSON. */
export function json(max: number): Schema<{ readonly [key: string]: JsonValue }> {
  const name = `JSON object ≤ ${String(max)} bytes`
  return {
    name,
    parse(value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || holdsBytes(value))
        throw wrong(name)
      const size = utf8Length(JSON.stringify(value))
      if (size > max)
        throw new ChatError('too_large', `longer than ${String(max)} bytes`, { limit: max })
      return value as { readonly [key: string]: JsonValue }
    },
    format: same,
  }
}

// The frame's own nesting limit has bounded how deep this goes.
function holdsBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof Uint8Array || Object.values(value).some(holdsBytes)
}

/** A union of maps told apart by the text under `tag`. */
export function variants<const V extends Readonly<Record<string, Schema<object>>>>(
  tag: string,
  table: V,
): Schema<{ [K in keyof V]: { readonly kind: K } & ValueOf<V[K]> }[keyof V]> {
  type Union = { [K in keyof V]: { readonly kind: K } & ValueOf<V[K]> }[keyof V]
  const name = `one of ${Object.keys(table).join(', ')}`
  return {
    name,
    parse(value, form) {
      const kind =
        typeof value === 'object' && value !== null
          ? (value as Record<string, unknown>)[tag]
          : undefined
      const schema =
        typeof kind === 'string' && Object.hasOwn(table, kind) ? table[kind] : undefined
      if (schema === undefined)
        throw new ChatError('bad_request', `expected ${name}`, { field: tag })
      return { kind, ...schema.parse(value, form) } as Union
    },
    format(value, form) {
      const kind = (value as { readonly kind: string }).kind
      return { [tag]: kind, ...(table[kind]?.format(value, form) as object) }
    },
  }
}
