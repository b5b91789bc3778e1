import type { Fields, Schema } from './schema.ts'

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
