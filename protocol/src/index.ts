export { decodeBase64url, encodeBase64url } from './base64url.ts'
export { ChatError, type ErrorDetails } from './chat-error.ts'
export { CLOSE_CODES, closeNameOf, type CloseCodeEntry, type CloseName } from './close-codes.ts'
export * from './codec.ts'
export { commandId } from './command-id.ts'
export * from './commands.ts'
export * from './content.ts'
export type { DecodeLimits } from './decode-limits.ts'
export { ERROR_CODES, parseErrorCode, type ErrorCode, type ErrorCodeEntry } from './error-codes.ts'
export * from './frames.ts'
export * from './ids.ts'
export { LIMITS, TIMES } from './limits.ts'
export { MessagePackReader } from './message-pack-reader.ts'
export * from './requests.ts'
export * as schema from './schema/index.ts'
export type {
  Fields,
  JsonObject,
  JsonValue,
  MapSchema,
  RecordOf,
  Schema,
  Shape,
  TupleSchema,
  WireForm,
} from './schema/index.ts'
