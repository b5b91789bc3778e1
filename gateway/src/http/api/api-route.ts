import { createHash, randomBytes } from 'node:crypto'
import { ChatError, parseUserId, type Fields, type UserId } from '@satchel/protocol'
import type { Users } from '@satchel/chat-core/ports'
import type { HttpExchange } from '../http-exchange.ts'
import { parseJsonBody } from '../parse-json-body.ts'
import type { PathParameters, Route } from '../route.ts'
import type { ApiCall, AnyApiOperation } from './api-operation.ts'
import { requireCaller, type Caller, type CallerDeps } from './api-caller.ts'

export interface ApiRouteDeps extends CallerDeps {
  readonly users: Pick<Users, 'ensure'>
  /** True once requests are no longer taken. */
  readonly isClosing: () => boolean
}

const BODY_MAX_BYTES = 64 * 1024
const IDEMPOTENCY_KEY_MAX = 255

/** The route of an operation: who asks, what exactly, and the answer as JSON. */
export function apiRoute(deps: ApiRouteDeps, operation: AnyApiOperation): Route {
  return {
    method: operation.method,
    path: operation.url,
    async handle(exchange, parameters) {
      const bytes = operation.body === undefined ? undefined : exchange.readBody(BODY_MAX_BYTES)
      if (deps.isClosing()) throw new ChatError('draining', 'the server is going away')
      const caller = await requireCaller(deps, exchange, operation)
      const path = parseTexts(operation.path, (name) => parameters[name])
      const query = parseTexts(operation.query, (name) => exchange.parameter(name))
      const body = operation.body?.parse(parseJsonBody(await bytes), 'json') ?? {}
      const userId = actingUser(operation, caller, parameters)
      if (caller.userId !== undefined) await deps.users.ensure(caller.userId)
      const key = keyOf(exchange, userId)
      const call: ApiCall<Fields, Fields, Fields> = {
        userId,
        byServer: caller.byServer,
        serverKey: caller.serverKey,
        capabilities: caller.capabilities,
        path,
        query,
        body,
        key,
      }
      const result = await operation.run(call)
      exchange.json(operation.status, operation.result.format(result, 'json'))
    },
  }
}

/** In whose name; a server key that names nobody acts for whomever the path is about. */
function actingUser(
  operation: AnyApiOperation,
  caller: Caller,
  parameters: PathParameters,
): UserId {
  if (caller.userId !== undefined) return caller.userId
  const named =
    operation.permission === 'server' ? parseUserId(parameters['userId'] ?? '') : undefined
  if (named !== undefined) return named
  throw new ChatError('bad_request', 'Satchel-User: say in whose name', { field: 'Satchel-User' })
}

/** Path and query values: text, from which numbers and lists are read first. */
function parseTexts(
  fields: Fields,
  read: (name: string) => string | undefined,
): Record<string, unknown> {
  const parsed: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(fields)) {
    const text = read(name)
    try {
      const value = text === undefined ? undefined : untexted(schema.shape.is, text)
      const field = schema.parse(value, 'json')
      if (field !== undefined) parsed[name] = field
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      throw new ChatError(error.code, `${name}: ${error.message}`, {
        ...error.details,
        field: name,
      })
    }
  }
  return parsed
}

function untexted(shape: string, text: string): unknown {
  if (shape === 'integer') return /^\d{1,16}$/.test(text) ? Number(text) : text
  if (shape === 'list') return text.split(',').filter((item) => item !== '')
  return text
}

/** Eight bytes of the caller's own key for this user and address; a random one for whoever sends none. */
function keyOf(exchange: HttpExchange, userId: UserId): ApiCall<Fields, Fields, Fields>['key'] {
  const header = exchange.header('idempotency-key')
  if (header === '') return { kind: 'idempotency', hash: randomBytes(8).toString('base64url') }
  if (header.length > IDEMPOTENCY_KEY_MAX) {
    throw new ChatError('too_large', `Idempotency-Key: longer than ${IDEMPOTENCY_KEY_MAX}`, {
      field: 'Idempotency-Key',
      limit: IDEMPOTENCY_KEY_MAX,
    })
  }
  const { method, path } = exchange
  const named = `${userId}\n${method} ${path}\n${header}`
  const hash = createHash('sha256').update(named).digest().subarray(0, 8)
  return { kind: 'idempotency', hash: hash.toString('base64url') }
}
