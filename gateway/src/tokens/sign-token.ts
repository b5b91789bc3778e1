import type { UserId } from '@satchel/protocol'
import { SignJWT } from 'jose'
import type { Capability } from './identity.ts'

export interface TokenOptions {
  readonly userId: UserId
  readonly nowMs: number
  readonly lifetimeMs: number
  readonly capabilities?: readonly Capability[] | undefined
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
}

/** An HS256 user token, as an integrator's backend would mint it. */
export function signToken(secret: string, options: TokenOptions): Promise<string> {
  const { userId, nowMs, lifetimeMs, capabilities, issuer, audience } = options
  const issuedAt = Math.floor(nowMs / 1_000)
  const token = new SignJWT(capabilities === undefined ? {} : { capabilities: [...capabilities] })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + Math.floor(lifetimeMs / 1_000))
  if (issuer !== undefined) token.setIssuer(issuer)
  if (audience !== undefined) token.setAudience(audience)
  return token.sign(new TextEncoder().encode(secret))
}
