import { openMedia, receivePart, type OpenMediaDeps, type UploadDeps } from '@satchel/chat-core'
import type { Clock } from '@satchel/chat-core/ports'
import type { HttpExchange } from './http-exchange.ts'
import type { Route } from './route.ts'

export interface MediaRoutesDeps {
  readonly uploads: Pick<UploadDeps, 'uploadTarget'>
  readonly links: OpenMediaDeps
  readonly clock: Clock
}

/** `/m/…` and, for HLS, `/h/…` serve signed links, `/u/…` takes uploads at signed addresses. The signature is the permission. */
export function createMediaRoutes(deps: MediaRoutesDeps): readonly Route[] {
  return [
    ...['/m/*', '/h/*'].flatMap((path) =>
      (['GET', 'HEAD'] as const).map((method): Route => {
        return { method, path, handle: (exchange) => serveMedia(deps, exchange, method) }
      }),
    ),
    { method: 'PUT', path: '/u/*', handle: (exchange) => takePart(deps, exchange) },
  ]
}

async function serveMedia(
  deps: MediaRoutesDeps,
  exchange: HttpExchange,
  method: 'GET' | 'HEAD',
): Promise<void> {
  const { path, query } = exchange
  const { status, headers, contentLength, body } = await openMedia(deps.links, {
    method,
    path,
    query,
    range: present(exchange.header('range')),
    ifRange: present(exchange.header('if-range')),
    ifNoneMatch: present(exchange.header('if-none-match')),
  })
  if (body === undefined) exchange.answerHead({ status, headers }, contentLength)
  else await exchange.stream({ status, headers }, contentLength, body)
}

/** Synchronous up to the last byte: chunks go to the receiver as they come, and it may pause them. */
async function takePart(deps: MediaRoutesDeps, exchange: HttpExchange): Promise<void> {
  const length = exchange.header('content-length')
  const incoming = receivePart(
    deps.uploads,
    {
      path: exchange.path,
      query: exchange.query,
      contentLength: /^\d{1,15}$/.test(length) ? Number(length) : undefined,
      nowMs: deps.clock.nowMs(),
    },
    { pause: () => exchange.pause(), resume: () => exchange.resume() },
  )
  exchange.receive((chunk, isLast) => {
    incoming.write(chunk)
    if (isLast) incoming.end()
  })
  exchange.signal.addEventListener('abort', () => incoming.cancel())
  await incoming.done
  exchange.answer({ status: 204 })
}

function present(header: string): string | undefined {
  return header === '' ? undefined : header
}
