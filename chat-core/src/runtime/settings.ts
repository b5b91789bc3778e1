import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { isAbsolute } from 'node:path'
import { DISTRIBUTED_SETTINGS } from './distributed-settings.ts'
import { LINK_SETTINGS } from './link-settings.ts'
import { MEDIA_LIFE_SETTINGS } from './media-life-settings.ts'
import {
  choiceSetting,
  flagSetting,
  httpUrl,
  integerSetting,
  listSetting,
  optionalSetting,
  secretText,
  textSetting,
} from './setting.ts'
import type { Setting } from './setting.ts'

const HOUR_MS = 3_600_000
const MEGABYTE = 1024 * 1024

/** Everything an operator can set. OPERATIONS.md lists the same, held to this table by a test. */
export const SETTINGS = {
  host: textSetting('SATCHEL_HOST', '127.0.0.1', 'Address to listen on.'),
  port: integerSetting(
    'SATCHEL_PORT',
    { min: 0, max: 65_535, otherwise: 7_700 },
    'Port to listen on; 0 takes a free one.',
  ),
  dataDir: textSetting(
    'SATCHEL_DATA_DIR',
    'data',
    'Folder of the embedded backend: database, files, keys. One process at a time may use it. Media workers keep files they are looking at in `work/<port>` of it, which may not be shared between containers.',
  ),
  logLevel: choiceSetting(
    'SATCHEL_LOG_LEVEL',
    ['debug', 'info', 'warn', 'error', 'silent'],
    'info',
    'What is written to the log: `debug`, `info`, `warn`, `error` or `silent`.',
  ),
  publicUrl: optionalSetting(
    'SATCHEL_PUBLIC_URL',
    'where the process listens',
    'Under which `http(s)://` address clients reach the server; upload addresses start with it.',
    httpUrl,
  ),
  origins: listSetting(
    'SATCHEL_ORIGINS',
    "the server's own",
    'Browser origins that may connect, separated by commas; `*` lets every page connect.',
    originOrAny,
  ),
  trustedProxies: listSetting(
    'SATCHEL_TRUSTED_PROXIES',
    'none',
    'Addresses or networks (`10.0.0.0/8`) whose `X-Forwarded-For` names the real client.',
    network,
  ),
  drainMs: integerSetting(
    'SATCHEL_DRAIN_MS',
    { min: 0, max: 600_000, otherwise: 2_000 },
    'Over how long clients are asked to leave when the process is stopped, in milliseconds.',
  ),

  limits: flagSetting(
    'SATCHEL_LIMITS',
    true,
    'User rate limits and quotas. `off` is for load tests; bounds of memory always hold.',
  ),
  maxSessions: integerSetting(
    'SATCHEL_MAX_SESSIONS',
    { min: 1, max: 1_000_000, otherwise: 18_000 },
    'Sessions one process holds; more are refused with `too_many_sessions`.',
  ),
  maxUnauthenticated: integerSetting(
    'SATCHEL_MAX_UNAUTHENTICATED',
    { min: 1, max: 100_000, otherwise: 10_000 },
    'Sockets that may be waiting for their first frame at once.',
  ),
  connectsPerAddress: integerSetting(
    'SATCHEL_CONNECTS_PER_ADDRESS',
    { min: 1, max: 1_000_000, otherwise: 20 },
    'New sockets per second and client address, with a burst of ten times that. Loopback is exempt.',
  ),
  requestsPerAddress: integerSetting(
    'SATCHEL_REQUESTS_PER_ADDRESS',
    { min: 1, max: 1_000_000, otherwise: 100 },
    'HTTP requests per second and client address, with a burst of five times that. Server keys are exempt.',
  ),
  requestsPerUser: integerSetting(
    'SATCHEL_REQUESTS_PER_USER',
    { min: 1, max: 1_000_000, otherwise: 20 },
    'HTTP requests per second made with one user’s token, with a burst of five times that.',
  ),
  outboundBudgetBytes: integerSetting(
    'SATCHEL_OUTBOUND_BUDGET_BYTES',
    { min: MEGABYTE, max: 64 * 1024 * MEGABYTE, otherwise: 256 * MEGABYTE },
    'Bytes that may wait for slow clients in the whole process; near it each client may hold less.',
  ),
  busySocketMs: integerSetting(
    'SATCHEL_BUSY_SOCKET_MS',
    { min: 0, max: 250, otherwise: 50 },
    'A socket that gets more than 30 events and signals a second gets them together, about this many milliseconds apart; answers, and what its user said, do not wait. 0: nothing waits.',
  ),

  tokenSecret: optionalSetting(
    'SATCHEL_TOKEN_SECRET',
    'embedded: made in the data folder',
    'Secret of HS256 user tokens, at least 32 characters.',
    secretText,
  ),
  tokenSecretPrevious: optionalSetting(
    'SATCHEL_TOKEN_SECRET_PREVIOUS',
    'none',
    'The secret before the last rotation; tokens signed with it are still accepted.',
    secretText,
  ),
  tokenPublicKey: optionalSetting(
    'SATCHEL_TOKEN_PUBLIC_KEY',
    'none',
    'Public key (PEM) of RS256 or EdDSA user tokens.',
    publicKey,
  ),
  tokenPublicKeyPrevious: optionalSetting(
    'SATCHEL_TOKEN_PUBLIC_KEY_PREVIOUS',
    'none',
    'The public key before the last rotation.',
    publicKey,
  ),
  tokenJwksUrl: optionalSetting(
    'SATCHEL_TOKEN_JWKS_URL',
    'none',
    'Where to fetch the public keys of RS256 or EdDSA user tokens; kept for ten minutes.',
    httpUrl,
  ),
  tokenIssuer: optionalSetting(
    'SATCHEL_TOKEN_ISSUER',
    'any',
    'What the `iss` claim of user tokens must say.',
  ),
  tokenAudience: optionalSetting(
    'SATCHEL_TOKEN_AUDIENCE',
    'any',
    'What the `aud` claim of user tokens must say.',
  ),
  serverKeys: listSetting(
    'SATCHEL_SERVER_KEYS',
    'embedded: made in the data folder',
    'Keys of the HTTP API that may act for every user, separated by commas, each at least 32 characters.',
    secretText,
  ),
  devSignIn: choiceSetting(
    'SATCHEL_DEV_SIGN_IN',
    ['auto', 'on', 'off'],
    'auto',
    'Signing in by name alone, for trying out. `auto`: only while listening on a loopback address, and nothing says that others come: no keys of your own, origins, proxies or public address.',
  ),

  clientsMayCreateGroups: flagSetting(
    'SATCHEL_CLIENTS_MAY_CREATE_GROUPS',
    true,
    'Whether user tokens may create groups and channels; server keys always may.',
  ),
  historyForNewcomers: flagSetting(
    'SATCHEL_HISTORY_FOR_NEWCOMERS',
    false,
    'Whether new members see what was said before they joined, unless the conversation says otherwise.',
  ),
  eraseBlanksMessages: flagSetting(
    'SATCHEL_ERASE_BLANKS_MESSAGES',
    false,
    'Whether erasing a user also blanks the text of their messages.',
  ),
  directory: flagSetting(
    'SATCHEL_DIRECTORY',
    true,
    'Whether everybody finds everybody in the people picker, instead of those they share a conversation with.',
  ),

  uploadMaxBytes: integerSetting(
    'SATCHEL_UPLOAD_MAX_BYTES',
    { min: 1, max: 5 * 1024 * MEGABYTE, otherwise: 50 * MEGABYTE },
    'Largest file, in bytes.',
  ),
  uploadBytesPerDay: integerSetting(
    'SATCHEL_UPLOAD_BYTES_PER_DAY',
    { min: 1, max: Number.MAX_SAFE_INTEGER, otherwise: 1024 * MEGABYTE },
    'Bytes one user may upload in 24 hours.',
  ),
  uploadFilesPerDay: integerSetting(
    'SATCHEL_UPLOAD_FILES_PER_DAY',
    { min: 1, max: Number.MAX_SAFE_INTEGER, otherwise: 2_000 },
    'Files one user may upload or forward in 24 hours.',
  ),
  uploadTypesRefused: listSetting(
    'SATCHEL_UPLOAD_TYPES_REFUSED',
    'none',
    'Content types that are not accepted, separated by commas; `video/*` refuses a family.',
    (type) => type.toLowerCase(),
  ),
  uploadIdleMs: integerSetting(
    'SATCHEL_UPLOAD_IDLE_MS',
    { min: 60_000, max: 7 * 24 * HOUR_MS, otherwise: 2 * HOUR_MS },
    'How long an upload may stand still before it expires, in milliseconds.',
  ),
  uploadAgeMs: integerSetting(
    'SATCHEL_UPLOAD_AGE_MS',
    { min: 60_000, max: 7 * 24 * HOUR_MS, otherwise: 24 * HOUR_MS },
    'How long an upload may take in all, in milliseconds.',
  ),
  uploadUnattachedMs: integerSetting(
    'SATCHEL_UPLOAD_UNATTACHED_MS',
    { min: 60_000, max: 90 * 24 * HOUR_MS, otherwise: 24 * HOUR_MS },
    'How long an uploaded file that is in no message is kept, in milliseconds.',
  ),
  scanner: choiceSetting(
    'SATCHEL_SCANNER',
    ['none', 'clamd'],
    'none',
    'What looks for malware in uploads before anybody may see them. Where it is down or not sure, they wait.',
  ),
  clamd: textSetting(
    'SATCHEL_CLAMD',
    '/run/clamav/clamd.ctl',
    'Where clamd listens: the path of its socket, or `host:port`.',
    clamdAddress,
  ),
  sandbox: choiceSetting(
    'SATCHEL_SANDBOX',
    ['auto', 'required', 'best-effort'],
    'auto',
    'Whether media workers start where the machine does not confine what opens uploads in every way. `auto`: not as processes of their own; in one process, with a warning. `required`: never. `best-effort`: always, with a warning.',
  ),
  ffmpeg: optionalSetting(
    'SATCHEL_FFMPEG',
    'looked for where packages put it',
    'Full path of ffmpeg, with ffprobe beside it. Without them video and audio are handed out as they came.',
    fullPath,
  ),
  ...LINK_SETTINGS,
  ...MEDIA_LIFE_SETTINGS,
  ...DISTRIBUTED_SETTINGS,
} as const satisfies Readonly<Record<string, Setting<unknown>>>

export type Settings = {
  readonly [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name] extends Setting<infer Value>
    ? Value
    : never
}

function publicKey(text: string): string {
  if (!text.includes('-----BEGIN PUBLIC KEY-----')) throw new Error('expected a public key in PEM')
  return text
}

function fullPath(text: string): string {
  if (!isAbsolute(text)) throw new Error('expected a full path')
  return text
}

function clamdAddress(text: string): string {
  if (!text.startsWith('/') && !/^\S+:\d{1,5}$/.test(text))
    throw new Error('expected the path of a socket, or host:port')
  return text
}

function originOrAny(text: string): string {
  if (text === '*') return text
  if (!URL.canParse(text) || new URL(text).origin !== text)
    throw new Error(`expected origins such as https://example.org, not ${text}`)
  return text
}

function network(text: string): string {
  const [address = '', bits] = text.split('/')
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined
  const maxBits = family === 'ipv4' ? 32 : 128
  if (
    family === undefined ||
    (bits !== undefined && !(Number(bits) >= 0 && Number(bits) <= maxBits))
  )
    throw new Error(`expected addresses or networks such as 10.0.0.0/8, not ${text}`)
  new BlockList().addSubnet(address, bits === undefined ? maxBits : Number(bits), family)
  return text
}
