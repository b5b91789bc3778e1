import { createHmac } from 'node:crypto'

const LIFETIME_SECONDS = 24 * 3_600

/** An HS256 user token, as an integrator's backend would mint it. */
export function signToken(secret: string, userId: string, nowMs: number): string {
  const issuedAt = Math.floor(nowMs / 1_000)
  const head = encoded({ alg: 'HS256', typ: 'JWT' })
  const payload = encoded({ sub: userId, iat: issuedAt, exp: issuedAt + LIFETIME_SECONDS })
  const signature = createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url')
  return `${head}.${payload}.${signature}`
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
