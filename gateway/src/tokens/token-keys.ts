import type { Settings } from '@satchel/chat-core/runtime'
import { createRemoteJWKSet, importSPKI } from 'jose'
import type { CryptoKey, JWTVerifyGetKey } from 'jose'

/** A key of tokens and the algorithms it may be used with: never one of a kind it was not made for. */
export interface TokenKey {
  readonly algorithms: readonly string[]
  readonly key: Uint8Array | CryptoKey | JWTVerifyGetKey
}

type KeySettings = Pick<
  Settings,
  | 'tokenSecret'
  | 'tokenSecretPrevious'
  | 'tokenPublicKey'
  | 'tokenPublicKeyPrevious'
  | 'tokenJwksUrl'
>

const JWKS_KEPT_MS = 10 * 60_000
const JWKS_TIMEOUT_MS = 5_000

/** Every key whose tokens are accepted. */
export async function readTokenKeys(settings: KeySettings): Promise<readonly TokenKey[]> {
  const keys: TokenKey[] = []
  for (const secret of [settings.tokenSecret, settings.tokenSecretPrevious]) {
    if (secret !== undefined)
      keys.push({ algorithms: ['HS256'], key: new TextEncoder().encode(secret) })
  }
  for (const pem of [settings.tokenPublicKey, settings.tokenPublicKeyPrevious]) {
    if (pem !== undefined) keys.push(await readPublicKey(pem))
  }
  if (settings.tokenJwksUrl !== undefined) {
    keys.push({
      algorithms: ['RS256', 'EdDSA'],
      key: createRemoteJWKSet(new URL(settings.tokenJwksUrl), {
        cacheMaxAge: JWKS_KEPT_MS,
        timeoutDuration: JWKS_TIMEOUT_MS,
      }),
    })
  }
  return keys
}

async function readPublicKey(pem: string): Promise<TokenKey> {
  try {
    return { algorithms: ['RS256'], key: await importSPKI(pem, 'RS256') }
  } catch {
    return { algorithms: ['EdDSA'], key: await importSPKI(pem, 'EdDSA') }
  }
}
