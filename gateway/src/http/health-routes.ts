import type { Metrics } from '@satchel/chat-core/runtime'
import type { Readiness } from '../readiness.ts'
import type { Route } from './route.ts'

export interface HealthDeps {
  readonly metrics: Metrics
  readonly readiness: Pick<Readiness, 'require'>
}

/** `/live`: the process answers. `/ready`: it takes new clients. `/metrics`: what it counts. */
export function createHealthRoutes(deps: HealthDeps): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/live',
      handle: (exchange) => exchange.json(200, { live: true }),
    },
    {
      method: 'GET',
      path: '/ready',
      handle: (exchange) => {
        deps.readiness.require()
        exchange.json(200, { ready: true })
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      handle: async (exchange) => {
        const { contentType, text } = await deps.metrics.render()
        exchange.answer({ status: 200, headers: { 'Content-Type': contentType }, body: text })
      },
    },
  ]
}
