import type { BlockList } from 'node:net'
import type { Backend } from '@satchel/chat-core/backends'
import type { Log, Metrics } from '@satchel/chat-core/runtime'
import type { MediaDeps } from '../media-deps.ts'
import type { WebFile } from '../web-client/bundle-web-client.ts'
import { createHealthRoutes } from './health-routes.ts'
import { createMediaRoutes } from './media-routes.ts'
import type { Route } from './route.ts'
import { createWebClientRoutes } from './web-client-routes.ts'

export interface RoutesDeps {
  readonly backend: Backend
  readonly media: MediaDeps
  readonly metrics: Metrics
  readonly log: Log
  readonly isReady: () => boolean
  readonly trustedProxies: BlockList
  readonly webClient: Promise<ReadonlyMap<string, WebFile>>
}

/** The whole HTTP surface. */
export function createRoutes(deps: RoutesDeps): readonly Route[] {
  return [
    ...createHealthRoutes(deps),
    ...createMediaRoutes({ ...deps.media, clock: deps.backend.clock }),
    ...createWebClientRoutes(deps),
  ]
}
