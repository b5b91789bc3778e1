import { createHash } from 'node:crypto'
import { ChatError } from '@satchel/protocol'
import type { Log } from '@satchel/chat-core/runtime'
import type { WebFile } from '../web-client/bundle-web-client.ts'
import {
  contentSecurityPolicy,
  type PolicySettings,
} from '../web-client/content-security-policy.ts'
import type { HttpExchange } from './http-exchange.ts'
import type { Route } from './route.ts'

export interface WebClientDeps {
  /** By path; it may still be in the making. */
  readonly webClient: Promise<ReadonlyMap<string, WebFile>>
  readonly log: Log
  readonly settings: PolicySettings
}

type ServedFile = WebFile & { readonly etag: string }

const PAGE_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
}

/** The web client at `/`, and the client library at `/client.js` for pages of any origin. */
export function createWebClientRoutes(deps: WebClientDeps): readonly Route[] {
  const files = deps.webClient.then(withEtags)
  files.catch((error: unknown) => deps.log.error({ error }, 'the web client could not be bundled'))
  const policy = contentSecurityPolicy(deps.settings)
  const handle = (exchange: HttpExchange): Promise<void> => serve(files, policy, exchange)
  return ['/', '/client.js', '/favicon.svg', '/assets/*'].flatMap((path) => [
    { method: 'GET', path, handle } as const,
    { method: 'HEAD', path, handle } as const,
  ])
}

async function serve(
  files: Promise<ReadonlyMap<string, ServedFile>>,
  policy: string,
  exchange: HttpExchange,
): Promise<void> {
  const file = (await files).get(exchange.path)
  if (file === undefined) throw new ChatError('no_such_route', `no file ${exchange.path}`)
  const { etag, contentType, immutable, body } = file
  const headers = {
    ...PAGE_HEADERS,
    'Content-Security-Policy': policy,
    ETag: etag,
    'Cache-Control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    'Cross-Origin-Resource-Policy': exchange.path === '/client.js' ? 'cross-origin' : 'same-origin',
  }
  if (exchange.header('if-none-match').includes(etag)) exchange.answer({ status: 304, headers })
  else exchange.answer({ status: 200, headers: { ...headers, 'Content-Type': contentType }, body })
}

function withEtags(files: ReadonlyMap<string, WebFile>): ReadonlyMap<string, ServedFile> {
  return new Map(
    [...files].map(([path, file]) => {
      const hash = createHash('sha256').update(file.body).digest('base64url').slice(0, 22)
      return [path, { ...file, etag: `"${hash}"` }]
    }),
  )
}
