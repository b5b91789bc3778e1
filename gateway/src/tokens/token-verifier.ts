import { ChatError, parseUserId } from '@satchel/protocol'
import { errors, jwtVerify } from 'jose'
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose'
import { ALL_CAPABILITIES, CAPABILITIES, type Capability, type Identity } from './identity.ts'
import type { TokenKey } from './token-keys.ts'

/** Finds out for whom a token speaks. */
export interface TokenVerifier {
  /** Rejects with `unauthenticated` or `token_expired`; `unavailable` when keys cannot be fetched. */
  verify(token: string): Promise<Identity>
}

export interface TokenClaims {
  readonly issuer: string | undefined
  readonly audience: string | undefined
}

/** Clocks of minter and server may differ by so much. */
const CLOCK_TOLERANCE_SECONDS = 5

/** Not about the token: its keys did not come, came with an error status, or are no key set. */
const KEYS_ARE_AWAY: ReadonlySet<string> = new Set([
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
  errors.JOSEError.code,
])

/** Accepts what any of `keys` signed: two of a kind at once while one is being replaced. */
export function createTokenVerifier(keys: readonly TokenKey[], claims: TokenClaims): TokenVerifier {
  return {
    async verify(token) {
      let refusal = new ChatError('unauthenticated', 'the token was signed with no key known here')
      for (const key of keys) {
        try {
          return identityOf(await verifyWith(key, token, claims))
        } catch (error) {
          const current = refusalOf(error)
          if (current.code !== 'unauthenticated') throw current
          refusal = current
        }
      }
      throw refusal
    },
  }
}

async function verifyWith(key: TokenKey, token: string, claims: TokenClaims): Promise<JWTPayload> {
  const options = {
    algorithms: [...key.algorithms],
    requiredClaims: ['sub', 'exp'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    ...(claims.issuer === undefined ? {} : { issuer: claims.issuer }),
    ...(claims.audience === undefined ? {} : { audience: claims.audience }),
  }
  const getKey: JWTVerifyGetKey =
    typeof key.key === 'function'
      ? key.key
      : async () => key.key as Exclude<typeof key.key, JWTVerifyGetKey>
  try {
    return (await jwtVerify(token, getKey, options)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    return await verifyWithAny(error, token, options)
  }
}

/** While one key replaces another, a token that names none may be signed with either. */
async function verifyWithAny(
  candidates: errors.JWKSMultipleMatchingKeys,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  let refusal: unknown = candidates
  for await (const key of candidates) {
    try {
      return (await jwtVerify(token, key, options)).payload
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
      refusal = error
    }
  }
  throw refusal
}

function identityOf(payload: JWTPayload): Identity {
  const userId = parseUserId(payload.sub ?? '')
  if (userId === undefined)
    throw new ChatError('unauthenticated', 'the claim sub of the token is no user id')
  return {
    userId,
    expiresAtMs: (payload.exp ?? 0) * 1_000,
    capabilities: capabilitiesOf(payload['capabilities']),
  }
}

function capabilitiesOf(claim: unknown): ReadonlySet<Capability> {
  if (claim === undefined) return ALL_CAPABILITIES
  if (!Array.isArray(claim))
    throw new ChatError('unauthenticated', 'the claim capabilities of the token is no list')
  return new Set(CAPABILITIES.filter((capability) => claim.includes(capability)))
}

function refusalOf(error: unknown): ChatError {
  if (error instanceof ChatError) return error
  if (error instanceof errors.JWTExpired)
    return new ChatError('token_expired', 'the token has expired', { cause: error })
  if (!(error instanceof errors.JOSEError) || KEYS_ARE_AWAY.has(error.code))
    return new ChatError('unavailable', 'the keys of tokens cannot be fetched', { cause: error })
  return new ChatError('unauthenticated', `the token was refused (${error.code})`, { cause: error })
}
