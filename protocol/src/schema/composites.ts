import { beyond, expected, expectedWord, within } from './refusal.ts'
import type { Fields, RecordOf, Schema, ValueOf, WireForm } from './schema.ts'

type Given = Readonly<Record<string, unknown>>

export function list<Value>(item: Schema<Value>, max: number): Schema<readonly Value[]> {
  const name = `list of ${item.name}, ≤ ${String(max)}`
  return {
    name,
    shape: { is: 'list', item, max },
    parse(value, form) {
      if (!Array.isArray(value)) throw expected(name, value)
      const given: readonly unknown[] = value
      if (given.length > max) throw beyond('more', max, 'items')
      const parsed: Value[] = []
      try {
        for (const entry of given) parsed.push(item.parse(entry, form))
      } catch (error) {
        throw within(String(parsed.length), error)
      }
      return parsed
    },
    format: (value, form) => value.map((entry) => item.format(entry, form)),
  }
}

/** A field that may be absent: missing, `null` and a missing trailing position all mean absent. */
export function optional<Value>(schema: Schema<Value>): Schema<Value | undefined> {
  return {
    name: schema.name,
    shape: schema.shape,
    optional: true,
    parse: (value, form) =>
      value === undefined || value === null ? undefined : schema.parse(value, form),
    format: (value, form) => (value === undefined ? null : schema.format(value, form)),
  }
}

export interface MapSchema<F extends Fields> extends Schema<RecordOf<F>> {
  readonly fields: F
  /** Like `parse` and `format`, into an object that may hold something already. */
  parseInto(target: Record<string, unknown>, value: unknown, form: WireForm): RecordOf<F>
  formatInto(target: Record<string, unknown>, value: object, form: WireForm): unknown
}

/** A map with the given keys; other keys are ignored. Absent values are not written. */
export function map<const F extends Fields>(fields: F, name = 'map'): MapSchema<F> {
  const entries = Object.entries(fields)
  const wanted = name === 'map' ? 'a map' : `${name} (a map)`
  return {
    name,
    shape: { is: 'map', fields },
    fields,
    parse(value, form) {
      return this.parseInto({}, value, form)
    },
    parseInto(target, value, form) {
      if (
        typeof value !== 'object' ||
        value === null ||
        Array.isArray(value) ||
        value instanceof Uint8Array
      ) {
        throw expected(wanted, value)
      }
      const given = value as Given
      // One `try` for all fields, not one each: this is the hot path of decoding.
      let current = ''
      try {
        for (const [key, schema] of entries) {
          current = key
          const field = schema.parse(given[key], form)
          if (field !== undefined) target[key] = field
        }
      } catch (error) {
        throw within(current, error)
      }
      return target as RecordOf<F>
    },
    format(value, form) {
      return this.formatInto({}, value, form)
    },
    formatInto(target, value, form) {
      const given = value as Given
      for (const [key, schema] of entries) {
        const field = given[key]
        if (field !== undefined) target[key] = schema.format(field, form)
      }
      return target
    },
  }
}

export interface TupleSchema<F extends Fields> extends Schema<RecordOf<F>> {
  readonly fields: F
  /** Like `parse`, from position `from` on, into an object that may hold something already. */
  parseInto(
    target: Record<string, unknown>,
    values: readonly unknown[],
    from: number,
    form: WireForm,
  ): RecordOf<F>
  /** Like `format`, behind what `target` holds already. */
  formatInto(target: unknown[], value: object, form: WireForm): readonly unknown[]
}

/** An array with the given fields in their order; further positions are ignored, absent last ones left out. */
export function tuple<const F extends Fields>(fields: F, name: string): TupleSchema<F> {
  const entries = Object.entries(fields)
  const wanted = `${name} (a list)`
  return {
    name,
    shape: { is: 'tuple', fields },
    fields,
    parse(value, form) {
      if (!Array.isArray(value)) throw expected(wanted, value)
      return this.parseInto({}, value, 0, form)
    },
    parseInto(target, values, from, form) {
      let position = from
      let current = ''
      try {
        for (const [key, schema] of entries) {
          current = key
          const field = schema.parse(values[position++], form)
          if (field !== undefined) target[key] = field
        }
      } catch (error) {
        throw within(current, error)
      }
      return target as RecordOf<F>
    },
    format(value, form) {
      return this.formatInto([], value, form)
    },
    formatInto(target, value, form) {
      const given = value as Given
      let written = target.length
      for (const [key, schema] of entries) {
        const field = given[key]
        target.push(field === undefined ? null : schema.format(field, form))
        if (field !== undefined) written = target.length
      }
      target.length = written
      return target
    },
  }
}

/**
 * A union of maps told apart by the word under `kind`. Where the table has an `unknown` kind, that is
 * what words of newer versions are read as; elsewhere they are refused.
 */
export function variants<const V extends Readonly<Record<string, MapSchema<Fields>>>>(
  name: string,
  table: V,
): Schema<{ [K in keyof V]: { readonly kind: K } & ValueOf<V[K]> }[keyof V]> {
  type Union = { [K in keyof V]: { readonly kind: K } & ValueOf<V[K]> }[keyof V]
  const wanted = `${name} (a map)`
  const kinds = `one of ${Object.keys(table).join(', ')}`
  return {
    name,
    shape: { is: 'variants', tag: 'kind', table },
    parse(value, form) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw expected(wanted, value)
      }
      const { kind } = value as { readonly kind?: unknown }
      const schema =
        typeof kind === 'string' && Object.hasOwn(table, kind) ? table[kind] : undefined
      if (schema === undefined && typeof kind === 'string' && table['unknown'] !== undefined) {
        return { kind: 'unknown' } as Union
      }
      if (schema === undefined) throw within('kind', expectedWord(kinds, kind))
      return schema.parseInto({ kind }, value, form) as Union
    },
    format(value, form) {
      const { kind } = value as { readonly kind: string }
      return table[kind]?.formatInto({ kind }, value, form)
    },
  }
}
