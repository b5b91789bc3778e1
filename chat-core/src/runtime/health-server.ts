import { createServer, type ServerResponse } from 'node:http'
import type { Metrics } from './metrics.ts'

export interface HealthServerDeps {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly metrics: Metrics
  readonly isReady: () => boolean
}

export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

const REQUEST_TIMEOUT_MS = 5_000

/** `/live`, `/ready` and `/metrics` of a process that serves nothing else. */
export async function openHealthServer(deps: HealthServerDeps): Promise<HealthServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answer(deps, request.url ?? '', response).catch(() => response.destroy())
  })
  const { promise: listening, resolve, reject } = Promise.withResolvers<undefined>()
  server.once('error', reject)
  server.listen(deps.port, deps.host, () => resolve(undefined))
  await listening
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : deps.port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  { metrics, isReady }: HealthServerDeps,
  url: string,
  response: ServerResponse,
): Promise<void> {
  if (url === '/metrics') {
    const { contentType, text } = await metrics.render()
    response.writeHead(200, { 'Content-Type': contentType }).end(text)
    return
  }
  const [status, body] = healthOf(url, isReady)
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

function healthOf(url: string, isReady: () => boolean): readonly [status: number, body: object] {
  switch (url) {
    case '/live':
      return [200, { live: true }]
    case '/ready':
      return isReady() ? [200, { ready: true }] : [503, { ready: false }]
    default:
      return [404, { error: 'no_such_route' }]
  }
}
