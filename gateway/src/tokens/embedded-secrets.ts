import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ChatError } from '@satchel/protocol'
import type { Settings } from '@satchel/chat-core/runtime'
import { isLoopbackHost } from '../limits/client-address.ts'

/** Secrets of a server that was given none: made once, kept in the data folder, readable by its owner only. */
export interface EmbeddedSecrets {
  readonly token: string
  readonly server: string
  readonly link: string
}

const SECRET_BYTES = 32

/** The settings with every secret that embedded mode makes for itself. */
export function withEmbeddedSecrets(settings: Settings): Settings {
  const secrets = readEmbeddedSecrets(settings.dataDir)
  const hasTokenKey =
    settings.tokenSecret !== undefined ||
    settings.tokenPublicKey !== undefined ||
    settings.tokenJwksUrl !== undefined
  return Object.freeze({
    ...settings,
    tokenSecret: hasTokenKey ? settings.tokenSecret : secrets.token,
    devSignIn:
      settings.devSignIn === 'auto' && (hasTokenKey || isForOthers(settings))
        ? 'off'
        : settings.devSignIn,
    serverKeys: settings.serverKeys.length > 0 ? settings.serverKeys : [secrets.server],
    linkSecret: settings.linkSecret ?? secrets.link,
  })
}

/**
 * Whoever brings keys, a backend's or users', has users of their own: names alone are not enough any more. Nor are
 * they where others are said to come, by a proxy perhaps, that shows in no header.
 */
function isForOthers({ serverKeys, trustedProxies, origins, publicUrl }: Settings): boolean {
  if (serverKeys.length > 0 || trustedProxies.length > 0 || origins.length > 0) return true
  return publicUrl !== undefined && !isLoopbackHost(new URL(publicUrl).hostname)
}

export function readEmbeddedSecrets(dataDir: string): EmbeddedSecrets {
  const folder = join(dataDir, 'keys')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chmodSync(folder, 0o700)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown'
    throw new ChatError('unavailable', `The data folder cannot be used: ${why}`, { cause: error })
  }
  return {
    token: readOrMake(join(folder, 'token-secret')),
    server: readOrMake(join(folder, 'server-key')),
    link: readOrMake(join(folder, 'link-secret')),
  }
}

/** Two processes may ask at once (the server and `npm run token`): whoever puts the whole file there first wins. */
function readOrMake(path: string): string {
  if (!existsSync(path)) {
    const draft = `${path}.${randomBytes(4).toString('hex')}`
    writeFileSync(draft, randomBytes(SECRET_BYTES).toString('base64url'), {
      mode: 0o600,
      flush: true,
    })
    try {
      linkSync(draft, path)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    } finally {
      unlinkSync(draft)
    }
  }
  return readFileSync(path, 'utf8').trim()
}
