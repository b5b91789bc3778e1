import { decodeBase64url } from '@satchel/protocol'

/** Renewed this long before expiry, or when four fifths of a short life are over. */
const MARGIN_MS = 60_000
/** Tokens that arrive expired must not be asked for in a circle. */
const SHORTEST_DELAY_MS = 1_000

/** When a JWT expires, in milliseconds since 1970; `undefined` for tokens that do not say. */
function readTokenExpiryMs(token: string): number | undefined {
  const payload = decodeBase64url(token.split('.')[1] ?? '')
  if (payload === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(new TextDecoder().decode(payload))
    if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return undefined
    return typeof claims.exp === 'number' ? claims.exp * 1_000 : undefined
  } catch {
    return undefined
  }
}

/** How long a token that was just taken may be used before it should be renewed. */
export function renewalDelayMs(token: string, serverTimeMs: number): number | undefined {
  const expiryMs = readTokenExpiryMs(token)
  if (expiryMs === undefined) return undefined
  const lifeMs = Math.max(expiryMs - serverTimeMs, 0)
  return Math.max(lifeMs - MARGIN_MS, lifeMs * 0.8, SHORTEST_DELAY_MS)
}
