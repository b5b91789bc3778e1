import type { MediaDeps } from '../media-deps.ts'
import { createApiRoutes, type ApiRoutesDeps } from './api-routes.ts'
import { createDevSignInRoute, type DevSignInDeps } from './dev-sign-in.ts'
import { createHealthRoutes, type HealthDeps } from './health-routes.ts'
import { createMediaRoutes } from './media-routes.ts'
import type { Route } from './route.ts'
import { createSocketHint } from './socket-hint.ts'
import { createWebClientRoutes, type WebClientDeps } from './web-client-routes.ts'

export type RoutesDeps = ApiRoutesDeps &
  HealthDeps &
  WebClientDeps & {
    readonly media: MediaDeps
    readonly settings: DevSignInDeps['settings'] & WebClientDeps['settings']
  }

/** The whole HTTP surface. */
export function createRoutes(deps: RoutesDeps): readonly Route[] {
  const { clock, cluster } = deps.backend
  return [
    ...createHealthRoutes(deps),
    createSocketHint(),
    // Where there are several processes, files go between clients, edge and object store, and never through here.
    ...(cluster === undefined ? createMediaRoutes({ ...deps.media, clock }) : []),
    ...createApiRoutes(deps),
    createDevSignInRoute({ settings: deps.settings, clock }),
    ...createWebClientRoutes(deps),
  ]
}
