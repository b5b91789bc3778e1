/** How values travel: bytes as bytes (MessagePack), or as base64url text (JSON). */
export type WireForm = 'msgpack' | 'json'

/** What text is measured in; characters are UTF-16 units. */
export type TextUnit = 'bytes' | 'characters'

/** What a schema consists of, as data. `named` is an id or other checked text: its name says which. */
export type Shape =
  | { readonly is: 'text'; readonly max: number; readonly unit: TextUnit }
  | { readonly is: 'choice'; readonly values: readonly string[] }
  | { readonly is: 'named' }
  | { readonly is: 'integer'; readonly min: number; readonly max: number }
  | { readonly is: 'boolean' }
  | { readonly is: 'bytes'; readonly max: number }
  | { readonly is: 'json'; readonly max: number }
  | { readonly is: 'list'; readonly item: Schema<unknown>; readonly max: number }
  | { readonly is: 'map'; readonly fields: Fields }
  | { readonly is: 'tuple'; readonly fields: Fields }
  | { readonly is: 'variants'; readonly tag: string; readonly table: Fields }
  | { readonly is: 'unchecked' }

/**
 * A type of the wire: how a value is read from untrusted input and how it is written.
 * `parse` throws a `ChatError` (`bad_request` or `too_large`) whose message and `details.field` name
 * the field; `format` trusts its input.
 */
export interface Schema<Value> {
  /** As PROTOCOL.md and error messages write it. */
  readonly name: string
  /** What it consists of, for documents and generators. */
  readonly shape: Shape
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
