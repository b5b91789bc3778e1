import { readFile } from 'node:fs/promises'
import { KeyedBuckets } from '../limits/keyed-buckets.ts'
import { ServerKeys } from '../tokens/server-keys.ts'
import type { Settings } from '@satchel/chat-core/runtime'
import { apiRoute, type ApiRouteDeps } from './api/api-route.ts'
import type { AnyApiOperation } from './api/api-operation.ts'
import type { ApiOperationsDeps } from './api/api-operations.ts'
import type { Route } from './route.ts'

export type ApiRoutesDeps = Pick<ApiOperationsDeps, 'backend'> &
  Pick<ApiRouteDeps, 'tokens' | 'trustedProxies' | 'time' | 'isClosing' | 'httpRequestTotals'> & {
    readonly operations: readonly AnyApiOperation[]
    readonly settings: Pick<
      Settings,
      'limits' | 'serverKeys' | 'requestsPerAddress' | 'requestsPerUser'
    >
  }

const REMEMBERED = 100_000
const DOCUMENT = new URL('../../openapi.json', import.meta.url)

/** The HTTP API and its description. */
export function createApiRoutes(deps: ApiRoutesDeps): readonly Route[] {
  const { settings, backend } = deps
  const document = readFile(DOCUMENT)
  const bucketsOf = (perSecond: number): KeyedBuckets =>
    new KeyedBuckets({ perSecond, burst: perSecond * 5 }, REMEMBERED)
  const calling: ApiRouteDeps = {
    ...deps,
    users: backend.users,
    serverKeys: new ServerKeys(settings.serverKeys),
    perAddress: bucketsOf(settings.requestsPerAddress),
    perUser: bucketsOf(settings.requestsPerUser),
    enforceLimits: settings.limits,
  }
  return [
    ...deps.operations.map((operation) => apiRoute(calling, operation)),
    {
      method: 'GET',
      path: '/v1/openapi.json',
      handle: async (exchange) => {
        const headers = { 'Content-Type': 'application/json; charset=utf-8' }
        exchange.answer({ status: 200, headers, body: await document })
      },
    },
  ]
}
