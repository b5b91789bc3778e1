import type { Fields, MapSchema, RecordOf, Schema, UserId } from '@satchel/protocol'
import type { CommandKey } from '@satchel/chat-core/domain'
import type { Capability } from '../../tokens/identity.ts'
import type { HttpMethod } from '../route.ts'

/** One request of the HTTP API, understood and permitted. */
export interface ApiCall<Path extends Fields, Query extends Fields, Body extends Fields> {
  /** In whose name. For `server` operations that name nobody: whoever the path is about. */
  readonly userId: UserId
  /** Asked with a server key. */
  readonly byServer: boolean
  /** The fingerprint of that key. */
  readonly serverKey?: string | undefined
  /** What the caller's token is for, beyond what the operation needs in any case. */
  readonly capabilities: ReadonlySet<Capability>
  readonly path: RecordOf<Path>
  readonly query: RecordOf<Query>
  readonly body: RecordOf<Body>
  /** By which a repeated request is recognised. */
  readonly key: Extract<CommandKey, { readonly kind: 'idempotency' }>
}

/**
 * - `user`: a user's token in that user's name, or a server key in anybody's (`Satchel-User`).
 * - `server`: a server key only.
 */
export type Permission = 'user' | 'server'

/** What the HTTP API can do: all that documents, tests and the router need to know of it. */
export interface ApiOperation<
  Path extends Fields = Fields,
  Query extends Fields = Fields,
  Body extends Fields = Fields,
  Result = unknown,
> {
  readonly id: string
  readonly summary: string
  readonly method: Exclude<HttpMethod, 'OPTIONS' | 'HEAD'>
  /** Segments; `{name}` is a field of `path`. */
  readonly url: `/${string}`
  readonly permission: Permission
  readonly capability?: Capability | undefined
  readonly path: Path
  readonly query: Query
  readonly body?: MapSchema<Body> | undefined
  readonly status: 200 | 201
  readonly result: Schema<Result>
  run(call: ApiCall<Path, Query, Body>): Promise<Result>
}

/** An operation among others: its types were checked when it was made. */
export type AnyApiOperation = Omit<ApiOperation, 'run'> & {
  run(call: unknown): Promise<unknown>
}

export function operation<
  const Path extends Fields,
  const Query extends Fields,
  const Body extends Fields,
  Result,
>(definition: ApiOperation<Path, Query, Body, Result>): AnyApiOperation {
  return parseOperation(definition)
}

/** Forgets the types of a definition: what `run` is given is parsed by the same definition's schemas. */
function parseOperation(definition: object): AnyApiOperation {
  return definition as AnyApiOperation
}
