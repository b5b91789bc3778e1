import { hmac } from 'k6/crypto'
import { b64encode } from 'k6/encoding'

const LIFETIME_SECONDS = 24 * 3_600

/** An HS256 user token, as an integrator's backend would mint it. */
export function signToken(secret: string, userId: string): string {
  const issuedAt = Math.floor(Date.now() / 1_000)
  const head = encoded({ alg: 'HS256', typ: 'JWT' })
  const payload = encoded({ sub: userId, iat: issuedAt, exp: issuedAt + LIFETIME_SECONDS })
  const signature = hmac('sha256', secret, `${head}.${payload}`, 'base64rawurl')
  return `${head}.${payload}.${signature}`
}

function encoded(value: unknown): string {
  return b64encode(JSON.stringify(value), 'rawurl')
}
