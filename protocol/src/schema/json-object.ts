import { ChatError } from '../chat-error.ts'
import { isPlainObject } from '../is-plain-object.ts'
import { LIMITS } from '../limits.ts'
import { beyond, expected } from './refusal.ts'
import { requireWellFormed, utf8Length } from './scalars.ts'
import type { Schema } from './schema.ts'

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }
export type JsonObject = { readonly [key: string]: JsonValue }

// Decoders refuse `__proto__`, so one object with it would be unreadable for everybody. Encoders ask the other two how
// an object is to be written, and fail with what a client put there.
const REFUSED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'toJSON'])

/**
 * Any JSON object for the integrator's use, at most `max` bytes as JSON. Its nesting, lists and maps
 * are bounded here and not only by the codec: the same object must fit into every frame that may
 * carry it later, in both forms, however it came in.
 */
export function json(max: number): Schema<JsonObject> {
  const name = `JSON object ≤ ${String(max)} bytes`
  return {
    name,
    shape: { is: 'json', max },
    parse(value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw expected(name, value)
      }
      requireJson(value, 1)
      if (utf8Length(JSON.stringify(value)) > max) throw beyond('longer', max, 'bytes')
      return value as JsonObject
    },
    format: (value) => value,
  }
}

function requireJson(value: unknown, depth: number): void {
  if (value === null || typeof value === 'boolean') return
  if (typeof value === 'string') {
    requireWellFormed(value)
    return
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new ChatError('bad_request', 'has a number that is not finite')
    return
  }
  if (typeof value !== 'object' || !(Array.isArray(value) || isPlainObject(value))) {
    throw new ChatError('bad_request', 'has a value that JSON cannot express')
  }
  if (depth > LIMITS.dataNesting) {
    throw new ChatError('too_large', `nested deeper than ${String(LIMITS.dataNesting)}`, {
      limit: LIMITS.dataNesting,
    })
  }
  if (Array.isArray(value)) requireItems(value, depth)
  else requireEntries(value, depth)
}

function requireItems(items: readonly unknown[], depth: number): void {
  if (items.length > LIMITS.maxArrayLength) {
    throw beyond('has a list of more', LIMITS.maxArrayLength, 'items')
  }
  for (const item of items) requireJson(item, depth + 1)
}

function requireEntries(map: object, depth: number): void {
  const entries = Object.entries(map)
  if (entries.length > LIMITS.maxMapLength) {
    throw beyond('has a map of more', LIMITS.maxMapLength, 'keys')
  }
  for (const [key, entry] of entries) {
    if (REFUSED_KEYS.has(key)) throw new ChatError('bad_request', `has a key \`${key}\``)
    requireWellFormed(key)
    requireJson(entry, depth + 1)
  }
}
