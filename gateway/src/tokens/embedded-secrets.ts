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
import { join, resolve } from 'node:path'
import { ChatError } from '@satchel/protocol'
import { SettingsError, secretText, type Settings } from '@satchel/chat-core/runtime'
import { isLoopbackHost } from '../limits/client-address.ts'

/** Secrets of a server that was given none: made once, kept in the data folder, readable by its owner only. */
export interface EmbeddedSecrets {
  readonly token: string
  readonly server: string
  readonly link: string
}

const SECRET_BYTES = 32
const TOKEN_SECRET = 'token-secret'

/** The settings with every secret that embedded mode makes for itself. */
export function withEmbeddedSecrets(settings: Settings): Settings {
  const secrets = readEmbeddedSecrets(settings.dataDir)
  const hasTokenKey = bringsTokenKey(settings)
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

/** Whether users' tokens are checked with a key that the operator has given. */
export function bringsTokenKey(settings: Settings): boolean {
  const { tokenSecret, tokenPublicKey, tokenJwksUrl } = settings
  return (tokenSecret ?? tokenPublicKey ?? tokenJwksUrl) !== undefined
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
  const problems: string[] = []
  const secretIn = (name: string): string => {
    const path = join(folder, name)
    makeUnlessThere(path)
    try {
      return readSecret(path)
    } catch (error) {
      problems.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      return ''
    }
  }
  const secrets = {
    token: secretIn(TOKEN_SECRET),
    server: secretIn('server-key'),
    link: secretIn('link-secret'),
  }
  if (problems.length > 0) throw new SettingsError(problems)
  return secrets
}

/** What a server with this data folder signs tokens with; only read, for one that is made now no server would know. */
export function readTokenSecret(dataDir: string): string {
  const path = join(dataDir, 'keys', TOKEN_SECRET)
  try {
    return readSecret(path)
  } catch (error) {
    if (!isFileError(error, 'ENOENT'))
      throw new ChatError('unavailable', `${path} cannot be used`, { cause: error })
    const why = `no server has been started with the data folder ${resolve(dataDir)}`
    throw new ChatError('unavailable', `SATCHEL_DATA_DIR: ${why}: there is no ${path}`)
  }
}

/** Two servers may be started at once: whoever puts the whole file there first wins. */
function makeUnlessThere(path: string): void {
  if (existsSync(path)) return
  const draft = `${path}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, randomBytes(SECRET_BYTES).toString('base64url'), {
    mode: 0o600,
    flush: true,
  })
  try {
    linkSync(draft, path)
  } catch (error) {
    if (!isFileError(error, 'EEXIST')) throw error
  } finally {
    unlinkSync(draft)
  }
}

/** As strict as with the variables of the same secrets. */
function readSecret(path: string): string {
  return secretText(readFileSync(path, 'utf8').trim())
}

function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
