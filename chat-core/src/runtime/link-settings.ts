import { createPrivateKey } from 'node:crypto'
import {
  choiceSetting,
  integerSetting,
  optionalSetting,
  secretText,
  textSetting,
  type Setting,
} from './setting.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const MEGABYTE = 1024 * 1024

/** How links to media are made. */
export const LINK_SETTINGS = {
  linkSecret: optionalSetting(
    'SATCHEL_LINK_SECRET',
    'embedded: made in the data folder',
    'Secret that signs links to media and upload addresses, at least 32 characters.',
    secretText,
  ),
  linkWindowMs: integerSetting(
    'SATCHEL_LINK_WINDOW_MS',
    { min: 60_000, max: 7 * 24 * HOUR_MS, otherwise: HOUR_MS },
    'How long a link to media is valid at least, in milliseconds; at most twice that.',
  ),
  strictLinkWindowMs: integerSetting(
    'SATCHEL_STRICT_LINK_WINDOW_MS',
    { min: 2 * MINUTE_MS, max: HOUR_MS, otherwise: 5 * MINUTE_MS },
    'The same in conversations with the setting `strictLinks`, in milliseconds.',
  ),
  links: choiceSetting(
    'SATCHEL_LINKS',
    ['satchel', 'cloudfront'],
    'satchel',
    'Who verifies links to media. `cloudfront`: they are signed for Amazon CloudFront as well, which is at `SATCHEL_MEDIA_URL`; see EDGE.md.',
  ),
  cloudfrontKeyPairId: optionalSetting(
    'SATCHEL_CLOUDFRONT_KEY_PAIR_ID',
    'none',
    'Id that CloudFront has given to the public key of those links; in a key group that the distribution trusts.',
    keyPairId,
  ),
  cloudfrontPrivateKey: optionalSetting(
    'SATCHEL_CLOUDFRONT_PRIVATE_KEY',
    'none',
    'Its private key (PEM). EC of P-256 signs several times as fast as RSA.',
    privateKey,
  ),
  auditLog: textSetting(
    'SATCHEL_AUDIT_LOG',
    'stdout',
    'Where it is recorded who was given a link to which file: `stdout`, with the log, `off`, or the path of a file that no other process writes.',
    auditLog,
  ),
  auditLogBytes: integerSetting(
    'SATCHEL_AUDIT_LOG_BYTES',
    { min: MEGABYTE, max: 1024 * 1024 * MEGABYTE, otherwise: 1024 * MEGABYTE },
    'How large that file and the one before it, `….1`, may become together.',
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>

function keyPairId(text: string): string {
  if (!/^[A-Z0-9]{1,64}$/.test(text))
    throw new Error('expected an id of capital letters and digits')
  return text
}

function privateKey(text: string): string {
  const type = typeOfKey(text)
  if (type !== 'rsa' && type !== 'ec')
    throw new Error('expected a private key in PEM, RSA or EC, without a passphrase')
  return text
}

function auditLog(text: string): string {
  if (text !== 'stdout' && text !== 'off' && !text.startsWith('/'))
    throw new Error('expected stdout, off, or a path that starts with /')
  return text
}

function typeOfKey(text: string): string | undefined {
  try {
    return createPrivateKey(text).asymmetricKeyType
  } catch {
    return undefined
  }
}
