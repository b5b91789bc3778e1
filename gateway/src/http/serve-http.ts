import type { MonotonicClock } from '@satchel/chat-core/runtime'
import type { TemplatedApp } from 'uWebSockets.js'
import { chatErrorOf } from '../chat-error-of.ts'
import type { GatewayTelemetry } from '../gateway-telemetry.ts'
import { isOriginAllowed } from '../limits/admission.ts'
import type { Traffic } from '../traffic.ts'
import { HttpExchange } from './http-exchange.ts'
import type { Route } from './route.ts'
import { Router } from './router.ts'

export interface ServeHttpDeps {
  readonly routes: readonly Route[]
  readonly origins: readonly string[]
  readonly traffic: Traffic
  readonly time: MonotonicClock
  readonly telemetry: GatewayTelemetry
}

const CORS_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const CORS_HEADERS = 'Authorization, Content-Type, Idempotency-Key, Satchel-User, Range'
const CORS_EXPOSED = 'ETag, Content-Range, Retry-After'

/** Puts everything that is not the chat socket on `app`. */
export function serveHttp(app: TemplatedApp, deps: ServeHttpDeps): void {
  const router = new Router(deps.routes)
  app.any('/*', (res, req) => {
    const exchange = new HttpExchange(res, req, deps.traffic)
    void serve(deps, router, exchange)
  })
}

async function serve(deps: ServeHttpDeps, router: Router, exchange: HttpExchange): Promise<void> {
  const { time, telemetry } = deps
  const startedMs = time.elapsedMs()
  let path = 'none'
  allowOrigin(deps.origins, exchange)
  try {
    if (exchange.method === 'OPTIONS') answerPreflight(exchange)
    else {
      const { route, parameters } = router.find(exchange.method, exchange.path)
      path = route.path
      await route.handle(exchange, parameters)
    }
  } catch (error) {
    exchange.refuse(chatErrorOf(telemetry, path, error))
  }
  telemetry.httpAnswered(path, exchange.status, time.elapsedMs() - startedMs)
}

/** Pages of allowed origins may use the API, bring uploads and read media. */
function allowOrigin(origins: readonly string[], exchange: HttpExchange): void {
  const origin = exchange.header('origin')
  if (origin === '' || !isOriginAllowed(origins, origin, exchange.header('host'))) return
  exchange.addHeader('Access-Control-Allow-Origin', origin)
  exchange.addHeader('Access-Control-Expose-Headers', CORS_EXPOSED)
  exchange.addHeader('Vary', 'Origin')
}

function answerPreflight(exchange: HttpExchange): void {
  exchange.addHeader('Access-Control-Allow-Methods', CORS_METHODS)
  exchange.addHeader('Access-Control-Allow-Headers', CORS_HEADERS)
  exchange.addHeader('Access-Control-Max-Age', '600')
  exchange.answer({ status: 204 })
}
