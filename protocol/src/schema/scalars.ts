/// <reference lib="es2024.string" />
import { decodeBase64url, encodeBase64url } from '../base64url.ts'
import { ChatError } from '../chat-error.ts'
import { beyond, expected, expectedWord } from './refusal.ts'
import type { Schema, TextUnit, WireForm } from './schema.ts'

const utf8 = new TextEncoder()

export function utf8Length(text: string): number {
  return utf8.encode(text).length
}

/** Half of a surrogate pair cannot be written as UTF-8; JSON escapes can smuggle one in. */
export function requireWellFormed(text: string): void {
  if (!text.isWellFormed()) throw new ChatError('bad_request', 'has half of a surrogate pair')
}

function same(value: unknown): unknown {
  return value
}

/** Text of at most `max` bytes of UTF-8 or `max` characters (UTF-16 units). */
export function text(max: number, unit: TextUnit = 'bytes'): Schema<string> {
  const name = `text ≤ ${String(max)} ${unit}`
  return {
    name,
    shape: { is: 'text', max, unit },
    parse(value) {
      if (typeof value !== 'string') throw expected(name, value)
      // A UTF-16 unit is at most 3 bytes of UTF-8: short text need not be measured.
      if (
        value.length > max ||
        (unit === 'bytes' && value.length * 3 > max && utf8Length(value) > max)
      ) {
        throw beyond('longer', max, unit)
      }
      requireWellFormed(value)
      return value
    },
    format: (value) => value.toWellFormed(),
  }
}

/** Text that `read` accepts; `rule` says in an error message what that is. */
export function parsedText<Value extends string>(
  name: string,
  read: (text: string) => Value | undefined,
  rule?: string,
): Schema<Value> {
  const wanted = rule === undefined ? name : `${name} (${rule})`
  return {
    name,
    shape: { is: 'named' },
    parse(value) {
      const parsed = typeof value === 'string' && value.isWellFormed() ? read(value) : undefined
      if (parsed === undefined) throw expected(wanted, value)
      return parsed
    },
    format: same,
  }
}

/** One of the given words. */
export function oneOf<const Value extends string>(values: readonly Value[]): Schema<Value> {
  const name = values.map((value) => `\`${value}\``).join(' or ')
  return {
    name,
    shape: { is: 'choice', values },
    parse(value) {
      const found = values.find((candidate) => candidate === value)
      if (found === undefined) throw expectedWord(name, value)
      return found
    },
    format: same,
  }
}

/** A whole number from `min` to `max`, at most 2^53 - 1. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Schema<number> {
  const name =
    max === Number.MAX_SAFE_INTEGER
      ? `integer ≥ ${String(min)}`
      : `integer ${String(min)}…${String(max)}`
  return {
    name,
    shape: { is: 'integer', min, max },
    parse(value) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
        throw expected(name, value)
      }
      return value
    },
    format: same,
  }
}

export const flag: Schema<boolean> = {
  name: 'boolean',
  shape: { is: 'boolean' },
  parse(value) {
    if (typeof value !== 'boolean') throw expected('boolean', value)
    return value
  },
  format: same,
}

/** The bytes of a value as it travels in `form`; `undefined` when it is none. */
export function readBytes(value: unknown, form: WireForm): Uint8Array | undefined {
  if (form === 'msgpack') return value instanceof Uint8Array ? value : undefined
  return typeof value === 'string' ? decodeBase64url(value) : undefined
}

/** Bytes on the wire that `accepts`; in memory their base64url text, branded as `Value`. */
export function bytesAs<Value extends string>(
  name: string,
  accepts: (bytes: Uint8Array) => boolean,
  rule?: string,
): Schema<Value> {
  const wanted = rule === undefined ? name : `${name} (${rule})`
  return {
    name,
    shape: { is: 'named' },
    parse(value, form) {
      const bytes = readBytes(value, form)
      if (bytes === undefined || !accepts(bytes)) throw expected(wanted, value)
      // Each value has one base64url spelling, so JSON's text is the one in memory already.
      return (typeof value === 'string' ? value : encodeBase64url(bytes)) as Value
    },
    format: (value, form) => (form === 'msgpack' ? decodeBase64url(value) : value),
  }
}

/** At most `max` bytes, in memory as base64url. */
export function bytes(max: number): Schema<string> {
  return {
    ...bytesAs(`bytes ≤ ${String(max)}`, (given) => given.length <= max),
    shape: { is: 'bytes', max },
  }
}
