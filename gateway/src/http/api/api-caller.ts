import { ChatError, parseUserId, type UserId } from '@satchel/protocol'
import type { MonotonicClock } from '@satchel/chat-core/runtime'
import type { BlockList } from 'node:net'
import { clientAddress, networkOf } from '../../limits/client-address.ts'
import type { KeyedBuckets } from '../../limits/keyed-buckets.ts'
import type { UserTotals } from '../../limits/user-totals.ts'
import { ALL_CAPABILITIES, type Capability } from '../../tokens/identity.ts'
import { requireCapability } from '../../tokens/require-capability.ts'
import { keyFingerprint, type ServerKeys } from '../../tokens/server-keys.ts'
import type { TokenVerifier } from '../../tokens/token-verifier.ts'
import type { HttpExchange } from '../http-exchange.ts'
import type { AnyApiOperation } from './api-operation.ts'

export interface CallerDeps {
  readonly tokens: TokenVerifier
  readonly serverKeys: ServerKeys
  readonly trustedProxies: BlockList
  readonly perAddress: KeyedBuckets
  readonly perUser: KeyedBuckets
  /** Of one user at every gateway. */
  readonly httpRequestTotals: UserTotals
  readonly enforceLimits: boolean
  readonly time: MonotonicClock
}

export interface Caller {
  /** Absent where a server key names nobody. */
  readonly userId: UserId | undefined
  readonly byServer: boolean
  /** The fingerprint of that key. */
  readonly serverKey?: string | undefined
  readonly capabilities: ReadonlySet<Capability>
}

const SCHEME = 'Bearer '

/** Finds out who asks, and whether they may. Limits come first: guessing keys costs as much as anything. */
export async function requireCaller(
  deps: CallerDeps,
  exchange: HttpExchange,
  operation: Pick<AnyApiOperation, 'permission' | 'capability'>,
): Promise<Caller> {
  const authorization = exchange.header('authorization')
  const credential = authorization.startsWith(SCHEME) ? authorization.slice(SCHEME.length) : ''
  if (credential !== '' && deps.serverKeys.has(credential)) {
    const serverKey = keyFingerprint(credential)
    const capabilities = ALL_CAPABILITIES
    return { userId: namedUser(exchange), byServer: true, serverKey, capabilities }
  }
  takeAddress(deps, exchange)
  if (credential === '')
    throw new ChatError('unauthenticated', 'send a token or key: Authorization: Bearer …')
  const identity = await deps.tokens.verify(credential)
  if (operation.permission === 'server')
    throw new ChatError('forbidden', 'this takes a server key, not a user’s token')
  requireCapability(identity, operation.capability)
  const { userId } = identity
  const named = namedUser(exchange)
  if (named !== undefined && named !== userId)
    throw new ChatError('forbidden', `a token of ${userId} cannot act for ${named}`)
  takeUser(deps, userId)
  return { userId, byServer: false, capabilities: identity.capabilities }
}

function takeUser(deps: CallerDeps, userId: UserId): void {
  if (!deps.enforceLimits) return
  deps.perUser.take(userId, deps.time.elapsedMs(), 'requests of one user')
  const refusal = deps.httpRequestTotals.take(userId)
  if (refusal !== undefined) throw refusal
}

function takeAddress(deps: CallerDeps, exchange: HttpExchange): void {
  if (!deps.enforceLimits) return
  const forwardedFor = exchange.header('x-forwarded-for')
  const address = clientAddress(deps.trustedProxies, exchange.peer, forwardedFor)
  deps.perAddress.take(networkOf(address), deps.time.elapsedMs(), 'requests from one address')
}

/** Header values are Latin-1 at most, so other user ids come percent-encoded. */
function namedUser(exchange: HttpExchange): UserId | undefined {
  const header = exchange.header('satchel-user')
  if (header === '') return undefined
  const userId = parseUserId(decoded(header))
  if (userId === undefined)
    throw new ChatError('bad_request', 'Satchel-User: expected user id', { field: 'Satchel-User' })
  return userId
}

function decoded(header: string): string {
  try {
    return decodeURIComponent(header)
  } catch {
    return header
  }
}
