import { ChatError } from '@satchel/protocol'
import type { Clock } from '@satchel/chat-core/ports'
import type { Settings } from '@satchel/chat-core/runtime'
import { isLoopbackHost } from '../limits/client-address.ts'
import { signToken } from '../tokens/sign-token.ts'
import { apiSignIn } from './api/api-schemas.ts'
import type { HttpExchange } from './http-exchange.ts'
import { parseJsonBody } from './parse-json-body.ts'
import type { Route } from './route.ts'

export interface DevSignInDeps {
  readonly settings: Pick<
    Settings,
    'devSignIn' | 'host' | 'tokenSecret' | 'tokenIssuer' | 'tokenAudience'
  >
  readonly clock: Clock
}

const BODY_MAX_BYTES = 4_096
const TOKEN_LIFETIME_MS = 12 * 3_600_000

/** Whether signing in by name alone is offered. */
export function offersDevSignIn(settings: Pick<Settings, 'devSignIn' | 'host'>): boolean {
  if (settings.devSignIn !== 'auto') return settings.devSignIn === 'on'
  return isLoopbackHost(settings.host)
}

/** `POST /dev/sign-in { name }` gives a token: for trying out, never for a server others can reach. */
export function createDevSignInRoute(deps: DevSignInDeps): Route {
  return {
    method: 'POST',
    path: '/dev/sign-in',
    async handle(exchange) {
      const bytes = exchange.readBody(BODY_MAX_BYTES)
      requireOffered(deps.settings, exchange)
      const { name } = apiSignIn.parse(parseJsonBody(await bytes), 'json')
      const { tokenSecret, tokenIssuer: issuer, tokenAudience: audience } = deps.settings
      if (tokenSecret === undefined)
        throw new ChatError('forbidden', 'this server signs no tokens: it knows public keys only')
      const nowMs = deps.clock.nowMs()
      const options = { userId: name, nowMs, lifetimeMs: TOKEN_LIFETIME_MS, issuer, audience }
      exchange.json(200, { token: await signToken(tokenSecret, options), userId: name })
    },
  }
}

/** What proxies add to a request. */
const PROXY_HEADERS = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-real-ip',
  'forwarded',
  'via',
] as const

/**
 * A loopback address alone does not prove that nobody else gets here: a proxy on the same machine brings
 * everybody, and a page that rebinds its name in DNS brings its visitors. Both show in the headers, unless
 * the proxy adds none.
 */
function requireOffered(settings: DevSignInDeps['settings'], exchange: HttpExchange): void {
  if (offersDevSignIn(settings) && (settings.devSignIn === 'on' || isDirect(exchange))) return
  throw new ChatError('forbidden', 'signing in by name alone is switched off')
}

function isDirect(exchange: HttpExchange): boolean {
  if (PROXY_HEADERS.some((name) => exchange.header(name) !== '')) return false
  const [host, origin] = [exchange.header('host'), exchange.header('origin')]
  // A proxy may put its own loopback address into `Host`; browsers then still say which one they asked.
  if (origin !== '' && hostOf(origin) !== host.toLowerCase()) return false
  return isLoopbackHost(host.replace(/:\d+$/, ''))
}

/** With its port, as `Host` has it; `undefined` for the origin `null`. */
function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host
}
