export {
  list,
  map,
  optional,
  tuple,
  variants,
  type MapSchema,
  type TupleSchema,
} from './composites.ts'
export { json, type JsonObject, type JsonValue } from './json-object.ts'
export { bytes, bytesAs, flag, integer, oneOf, parsedText, readBytes, text } from './scalars.ts'
export type { Fields, RecordOf, Schema, Shape, ValueOf, WireForm } from './schema.ts'
